"""Kernels for a step on CUDA GPUs; `engine.learners.leo.kernels` chooses them.

Only these modules import triton.
"""
