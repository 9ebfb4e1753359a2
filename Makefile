# What one does here. `make demo` shows the product, `make test` proves it; both need only git, make and Python 3.11+.
BIN := .venv/bin

.PHONY: help setup demo check test fuzz golden bench torture docs fonts gallery pictures build clean

help: ## list what there is
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/'

setup: ## .venv with pinned packages, and the libraries PDFs need
	@scripts/setup.sh

demo: setup ## six months of a made-up company, from plans to statements
	@scripts/demo.sh demo

check: setup ## everything a change must pass: format, lint, types, tests
	$(BIN)/ruff format --check src tests
	$(BIN)/ruff check src tests
	$(BIN)/mypy
	$(BIN)/pytest -n 2

test: setup ## all tests
	$(BIN)/pytest -n 2

fuzz: setup ## the two engines against each other on 2,000 generated plans, and as many worlds closed period by period
	COMPENGINE_EXAMPLES=2000 $(BIN)/pytest -n 2 tests/properties

golden: setup ## published worked examples only
	$(BIN)/pytest -n 2 tests/golden

bench: setup ## measure: writes build/bench.json
	$(BIN)/python bench/run.py

torture: setup ## measure what the product survives: writes build/reliability.json; MEASURES="NAME …" for some
	$(BIN)/python bench/reliability.py $(MEASURES)

docs: setup ## write docs/reference from the tables that define it
	$(BIN)/python scripts/reference.py

fonts: setup ## cut the statement fonts again from the variable Noto Sans
	$(BIN)/python scripts/fonts.py

gallery: setup ## statements in every design, paper, length and locale as pictures: build/gallery
	$(BIN)/python scripts/gallery.py

pictures: setup ## the pages that the guide shows as pictures: docs/guide/pictures
	$(BIN)/python scripts/pictures.py

build: setup ## the wheel, plans and templates inside
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## forget everything that was made here
	rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
