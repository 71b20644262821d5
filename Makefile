# `make` alone lists the targets. Everything runs in .venv, which .ci/bootstrap makes from requirements.lock.
RUN := .venv/bin
.DEFAULT_GOAL := help
# Compiled once and kept, also where the machine says otherwise: half of a process's start would go into compiling.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help ready demo demo-reset test duties bench faults check lock

help:  ## Lista de órdenes
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

ready:
	@.ci/bootstrap

demo: ready  ## Inicia todo en este computador, con personas de demostración (LME_HOME, LME_PORT); Ctrl-C lo detiene
	@exec $(RUN)/lme demo

demo-reset: ready  ## Borra los datos de la demostración
	@$(RUN)/lme demo --borrar

test: ready  ## Todas las pruebas, con su propio PostgreSQL (PG_BIN elige otro; ARGS pasa opciones a pytest)
	@$(RUN)/python -m pytest -n 2 --dist worksteal $(ARGS)

duties: ready  ## Los deberes de la norma: demostrado, parcial o pendiente
	@$(RUN)/python -m tests.house.duties

bench: ready  ## Las cifras del README, cada una junto a su piso o su par (LME_BENCH_QUICK=1: un ensayo, sin valor)
	@LME_TEST_DURABLE=1 $(RUN)/python -m pytest -p tests.conftest -p no:xdist -s -o python_files='bench_*.py' -o python_functions='bench_*' benchmarks

faults: ready  ## Las tormentas largas: procesos muertos, mensajería vaciada, correo caído; 10.000 mutaciones de evidencia
	@$(RUN)/python -m pytest -p no:xdist -s -o python_files='long_*.py' -o python_functions='long_*' tests/faults

check: ready  ## Estilo, tipos y paredes entre salas
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

lock: ready  ## Renueva requirements.lock desde pyproject.toml
	@$(RUN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock
