# Thin verbs; the work is in scripts/ and manage.py.
PYTHON := .venv/bin/python
.PHONY: help run test lint migrations messages screenshots fuzz bench proof clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

run:  ## start everything: console, demo data, PBX simulator (PORT=8000 HOST=127.0.0.1)
	@sh scripts/venv.sh
	@exec $(PYTHON) -m scripts.run

test:  ## install what the tests need, then every check and test
	@sh scripts/venv.sh dev
	@exec $(PYTHON) -m scripts.test

lint:  ## style and types only
	@sh scripts/venv.sh dev
	@exec $(PYTHON) -m scripts.test lint

migrations:  ## write migrations for changed models
	@sh scripts/venv.sh
	@exec $(PYTHON) manage.py makemigrations

messages:  ## collect the texts to translate into locale/, and compile the translations
	@sh scripts/venv.sh
	@$(PYTHON) manage.py makemessages
	@$(PYTHON) manage.py makemessages --domain djangojs
	@exec $(PYTHON) manage.py compilemessages --locale de --locale hu --locale es

screenshots:  ## take the pictures of docs/screenshots and docs/walk anew
	@sh scripts/venv.sh dev
	@exec $(PYTHON) -m scripts.screenshots

fuzz:  ## throw 20,000 examples at every parser of what a PBX says
	@sh scripts/venv.sh dev
	@exec $(PYTHON) -m pytest tests/drivers -m hypothesis --hypothesis-profile=fuzz --timeout=0

bench:  ## measure notifications, lists of calls, what 100,000 contacts cost, a changed call on the screen, and a real PBX
	@sh scripts/venv.sh dev
	@$(PYTHON) -m scripts.bench
	@$(PYTHON) -m scripts.bench_lists
	@$(PYTHON) -m scripts.bench_calls
	@$(PYTHON) -m scripts.bench_people
	@exec $(PYTHON) -m scripts.bench_screen

proof:  ## write docs/proven-on-real-calls.md from real calls
	@sh scripts/venv.sh dev
	@WRITE_PROOF=1 $(PYTHON) -m pytest tests/real

clean:  ## remove what can be made anew; var/ (keys, data, logs) stays
	rm -rf .venv var/static test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
