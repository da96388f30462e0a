"""Import of feature files as papers and libraries of the field write them.

- a pickle (.plk, .pkl) or a file of PyTorch (.pt, .pth) of a dict from labels to vectors, as S2M2
  and PT-MAP have them, or of features and labels,
- a table (.csv, .parquet) with a column of vectors, as easyfsl writes, or a column for each number,
- a folder of arrays (.npy), one for each class.

Files named base, val and novel, or train, val and test, are the splits; the classes of a single
file are divided by a file of splits or by chance.

`sources` finds the files, `reading` reads each into a `FeatureSet`, `merging` makes one set of
classes of them, `splitting` divides these, and `importing` writes the store.

Shapes: n examples, D embedding size.
"""
