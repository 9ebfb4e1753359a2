"""The page a person receives: facts of a run → `StatementView` → HTML → PDF.

`facts` is what the caller knows, `build` turns it into the `view`, `identities` proves that the view adds up, `html`
and `charts` write it, `pdf` prints it, `batch` prints many. Only `pdf` and `batch` touch a disk.
"""
