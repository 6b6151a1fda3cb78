# `make lab` runs the course lab and prints its report; `make test` passes all tests.
# Other labs: `make lab SCENARIO=echo` (or file, hold, all).
# `make bench` measures against other programs; `bench-stages`, `bench-scaling`: see below.
# All targets install what is missing first (and say so); everything else is cargo.

CARGO ?= cargo
SCENARIO ?= parallel

.PHONY: lab test bench bench-stages bench-scaling deps

lab: deps
	$(CARGO) build --release --locked
	./target/release/generator lab $(SCENARIO)

test: deps
	$(CARGO) test --workspace --locked

# Costs and losses against the programs that people use, as a table (BENCH=full: larger).
bench: deps
	$(CARGO) build --release --locked
	$(CARGO) bench --locked -p generator --bench peers

# Each stage by itself, for whoever changes one (criterion compares with the run before).
bench-stages: deps
	$(CARGO) bench --locked -p generator --bench stages

# Writes tests/bench/SCALING.md and its plot.
bench-scaling: deps
	$(CARGO) build --release --locked
	$(CARGO) bench --locked -p generator --bench scaling

deps:
	@sh .ci/deps
	@sh .ci/ocr_model
