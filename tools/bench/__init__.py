"""What the main road costs, beside the bare thing it stands on."""
