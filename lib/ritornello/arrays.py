"""Types of numpy arrays, named by their elements and width in bits."""

import numpy as np
from numpy.typing import NDArray

Ints32 = NDArray[np.int32]
Ints64 = NDArray[np.int64]
Floats32 = NDArray[np.float32]
Floats64 = NDArray[np.float64]
Words64 = NDArray[np.uint64]
Flags = NDArray[np.bool_]
