# `make lab` runs the course lab and prints its report; `make test` passes all tests.
# Other labs: `make lab SCENARIO=echo` (or file, hold, all).
# Both targets install what is missing first (and say so); everything else is cargo.

CARGO ?= cargo
SCENARIO ?= parallel

.PHONY: lab test bench deps

lab: deps
	$(CARGO) build --release --locked
	./target/release/generator lab $(SCENARIO)

test: deps
	$(CARGO) test --workspace --locked

# Costs and losses against the programs that people use, as a table (BENCH=full: larger).
bench: deps
	$(CARGO) build --release --locked
	$(CARGO) bench --locked -p generator --bench peers

deps:
	@sh .ci/deps
