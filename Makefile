# Two commands do everything on a fresh machine: `make run` makes the driving dataset, `make test` runs all tests.
.PHONY: run test check stores bench peers gallery clean

OUT ?= out/driving

run:
	@./setup.sh run
	@.venv/bin/pairforge generate driving.street --scenes 2 --seed 7 --out $(OUT)
	@.venv/bin/pairforge verify $(OUT)
	@.venv/bin/pairforge show $(OUT)

test:
	@./setup.sh test
	@.venv/bin/python -m pytest -n 2 --dist=loadfile --no-loadscope-reorder

check:
	@./setup.sh test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.ci/types

# The servers that CI has no time for: OpenStack Swift, Azurite (needs npm) and fake-gcs-server.
stores:
	@./setup.sh test
	@tests/environments/stores.sh
	@PAIRFORGE_TEST_STORES="swift azurite gcs" .venv/bin/python -m pytest tests/datasets/test_stores.py

bench:
	@./setup.sh test
	@.venv/bin/python -m benchmarks

peers:
	@./setup.sh test
	@benchmarks/peers/environments/make.sh
	@.venv/bin/python -m benchmarks.peers

gallery:
	@./setup.sh run
	@.venv/bin/pairforge gallery scenarios.left_turn --moment 0.2 --seeds 0,1 --out docs/images/gallery
	@.venv/bin/pairforge gallery scenarios.red_light --moment 0.7 --seeds 0,1 --out docs/images/gallery
	@.venv/bin/pairforge gallery robot.pick --moment 0.8 --seeds 0,1 --out docs/images/gallery
	@.venv/bin/pairforge gallery --seeds 0,1 --out docs/images/gallery
	@.venv/bin/pairforge gallery driving.street roads.crossroads --weather all --out docs/images/gallery

clean:
	rm -rf out build dist .venv .venvs
