"""A step's arithmetic as kernels of our own, for CUDA GPUs; `engine.leo.kernels` chooses them.

Only these modules import triton.
"""
