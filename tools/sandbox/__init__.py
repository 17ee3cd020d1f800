"""A provider double: Twilio's Messages API and an SMTP sink on the loopback.

It is a separate process, so the product talks to it as it would talk to the
real provider: over HTTP and SMTP, with credentials, signatures and failures.
Nothing here is imported by the product.
"""
