# Zhida 智达. A fresh machine needs Python 3.9 or newer, make and git; the rest comes by itself.
PYTHON ?= python3
VENV := .venv/bin
NAME ?= chat
BESIDE := tests/contract tests/integration tests/security
ALONE := tests/acceptance tests/faults
SETUP := $(PYTHON) -m tools.setup

# A start costs seconds more where compiled modules may not be kept.
unexport PYTHONDONTWRITEBYTECODE
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup run test check faults security bench lock format

help: ## 列出这些命令 · list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: ## 准备一切（只做没做过的）· set up everything, nothing twice
	@$(SETUP)

run: ## 准备并启动产品与演示数据 · set up and start the product with demo data
	@$(SETUP) --for run
	@exec $(VENV)/zhida up

test: setup ## 准备并通过全部测试 · set up and pass all tests
	@$(VENV)/python -m tools.check
	@$(VENV)/python -m pytest $(BESIDE) -m "not full" -n 2 --dist loadfile
	@$(VENV)/python -m pytest $(ALONE) -m "not full" -n 2 --dist loadfile

check: setup ## 格式、静态检查、类型、分层、单元测试 · format, lint, types, layers, unit tests
	@$(VENV)/python -m tools.check

faults: setup ## 全尺寸故障测试（断电、崩溃、重放）· fault tests at full size
	@ZHIDA_TEST_SIZE=full $(VENV)/python -m pytest tests/faults -n 2 --dist loadfile

security: setup ## 全尺寸安全测试（伪造、变异、越权）· security tests at full size
	@ZHIDA_TEST_SIZE=full $(VENV)/python -m pytest tests/security -n 2 --dist loadfile

bench: setup ## 性能对比，NAME=chat 等 · measure beside the peers, NAME=chat and others
	@$(VENV)/zhida bench $(NAME)

format: setup
	@$(VENV)/ruff check --fix-only --quiet . ; $(VENV)/ruff format .

lock: setup
	@sh tools/lock.sh
