"""Tests of the benchmarks themselves; no time is asserted here."""
