.DEFAULT_GOAL := help
PYTHON ?= python3
DEV := $(PYTHON) -m tools.dev

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: ## Bring Veloc up with demo data: Odoo, PostgreSQL, sandbox provider
	@$(DEV) run

stop: ## Stop what make run started; nothing is lost
	@$(DEV) stop

test: ## Everything: lint, unit, architecture, addon tests, end to end
	@$(DEV) test

unit: ## Rules, providers and architecture, without Odoo (seconds)
	@$(DEV) unit

lint: ## Formatting, ruff, pylint-odoo, XML and translations
	@$(DEV) lint

addon-tests: ## Models, crons and HTTP inside Odoo
	@$(DEV) addon-tests

e2e: ## Real server, XML-RPC and a headless browser
	@$(DEV) e2e

bench: ## Events, decisions and messages per second, beside their raw reference
	@$(DEV) bench

demo-reset: ## Build the database again with fresh demo data
	@$(DEV) demo-reset

clean: ## Stop everything and remove .veloc, the data included
	@$(DEV) clean

.PHONY: help run stop test unit lint addon-tests e2e bench demo-reset clean
