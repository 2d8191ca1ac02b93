"""Fitted models: arrays in, frozen results out."""
