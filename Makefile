# Two commands do everything: make app, make test. Each makes .venv when it is missing.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help app space test lint format bench visitors screenshots clean

help:
	@echo "make app      open the page on http://127.0.0.1:7860 (more: make app ARGS='--share')"
	@echo "make space    upload the page to a Hugging Face Space   (make space REPO=user/name)"
	@echo "make test     run the tests                          (more: make test ARGS='--slow')"
	@echo "make lint     check style and types"
	@echo "make format   put the code into its style"
	@echo "make bench    measure what a clip, a crowd and an hour cost"
	@echo "make visitors ten visitors at once, then eight who listen live"
	@echo "make screenshots  every screen into docs/screenshots (needs chromium)"
	@echo "make clean    remove .venv and caches"

.venv/app: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/app $@

app: .venv/app
	$(BIN)/python app.py $(ARGS)

space: .venv/app
	$(BIN)/python space/push.py --repo "$(or $(REPO),$(error Name the Space: make space REPO=user/name))" $(ARGS)

test: .venv/dev
	$(BIN)/python -m pytest $(ARGS)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev
	$(BIN)/python -m benchmarks.bench $(ARGS)

visitors: .venv/dev
	$(BIN)/python -m benchmarks.visitors $(ARGS)

screenshots: .venv/dev
	$(BIN)/python -m benchmarks.screenshots $(ARGS)

clean:
	rm -rf .venv .pytest_cache .ruff_cache
