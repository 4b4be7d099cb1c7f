"""A tour of upsampling: what each method does to a small map, why a transposed convolution is called so, and where checkerboards come from.

python examples/upsampling_tour.py [FOLDER]        # pictures go to FOLDER, default `tour`
"""

import sys
from pathlib import Path

import numpy as np

import upreg
from upreg.artifacts import overlap_of_layers

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "tour")


def show(title, array):
    print(f"\n{title}")
    for row in np.atleast_2d(array):
        print("   " + " ".join(f"{value:5g}" for value in row))


def unlearned():
    """Without weights: copy, put in a corner, or put back where the maximum was."""
    x = np.array([[1.0, 2], [3, 4]], np.float32)[None, None]
    show("nearest neighbour, scale 2", upreg.run("nearest", x, scale=2)[0, 0])
    show("bed of nails, scale 2", upreg.run("bed_of_nails", x, scale=2)[0, 0])

    big = np.array([[1, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]], np.float32)[None, None]
    pooled, indices = upreg.run("max_pool", big, kernel=2, return_indices=True)
    show("max pooling of 4 x 4", pooled[0, 0])
    show("... its positions", indices[0, 0])
    show("max unpooling of 1 2 / 3 4 with these positions", upreg.run("max_unpool", x, indices, kernel=2)[0, 0])
    show("bilinear, scale 2", upreg.run("bilinear", x, scale=2)[0, 0])


def transposed():
    """A convolution is a matrix; the transposed convolution is the transposed matrix."""
    x = np.arange(1.0, 17).reshape(1, 1, 4, 4)
    kernel = np.array([[3.0, 2, 9], [-2, 1, 3], [-3, -2, 2]])[None, None]
    show("3 x 3 convolution of 1..16", upreg.run("conv2d", x, kernel)[0, 0])
    matrix = upreg.linear_matrix(upreg.get("conv2d"), x.shape, kernel)
    print(f"\nthe same as a {matrix.shape[0]} x {matrix.shape[1]} matrix times 16 numbers: {matrix @ x.ravel()}")
    upreg.render.matrix(matrix, OUT / "convolution_matrix.png", "a 3 x 3 convolution of a 4 x 4 map, as a matrix")

    small = np.array([[1.0, 2], [3, 4]])[None, None]
    kernel = np.array([[1.0, 2, 7], [-2, 1, 0], [-3, 1, 2]])[None, None]
    y = upreg.run("conv_transpose2d", small, kernel)
    show("transposed convolution: 2 x 2 becomes 4 x 4", y[0, 0])
    matrix = upreg.linear_matrix(upreg.get("conv2d"), y.shape, kernel).T
    assert np.array_equal((matrix @ small.ravel()).reshape(4, 4), y[0, 0])
    upreg.render.matrix(matrix, OUT / "transposed_matrix.png", "the transposed convolution: the same matrix, transposed")

    line, taps = np.array([[[2.0, 3]]]), np.array([[[10.0, 100, 1000]]])  # one axis: every input paints a scaled kernel, overlaps add up
    show("1-D: 2 and 3 with the kernel 10 100 1000, stride 2", upreg.run("conv_transpose1d", line, taps, stride=2)[0, 0])


def arithmetic():
    """Sizes of a transposed convolution, and the element that has to be put at one side."""
    print("\nsizes: i' = 2, k = 3")
    for stride, padding, text in ((1, 0, "i' + (k - 1)"), (1, 1, "i' + (k - 1) - 2p"), (2, 0, "s(i' - 1) + k"), (2, 1, "s(i' - 1) + k - 2p")):
        n = upreg.get("conv_transpose1d", stride=stride, padding=padding).infer((1, 1, 2), (1, 1, 3))[-1]
        print(f"   stride {stride}, padding {padding}: {n} = {text}")
    down = upreg.get("conv1d", stride=2, padding=1).infer((1, 1, 6), (1, 1, 3))[-1]
    print(f"   6 -> {down} by a convolution of stride 2, and back to 6 by either side:")
    x, w = np.array([[[1.0, 2, 3]]]), np.array([[[1.0, 10, 100]]])
    torch_side = upreg.run("conv_transpose1d", x, w, stride=2, padding=1, output_padding=1)
    tf_side = upreg.run("conv_transpose1d", x, w, stride=2, padding="same_upper")
    print(f"   torch      {torch_side[0, 0]}\n   TensorFlow {tf_side[0, 0]}")
    print(f"   {upreg.compare(torch_side, tf_side)}".replace("\n", "\n   "))


def same_size():
    """(N, 256, 32, 32) brought to the size of (N, 3, 128, 128), to be concatenated."""
    a, b = np.zeros((2, 3, 128, 128), np.float32), np.ones((2, 256, 32, 32), np.float32)
    learned = upreg.get("conv_transpose2d", stride=4)
    for name, up in (
        ("nearest", upreg.run("nearest", b, scale=4)),
        ("bilinear", upreg.run("bilinear", b, size=[128, 128])),
        ("bicubic", upreg.run("bicubic", b, scale=4)),
        ("conv_transpose2d", learned(b, np.ones((256, 8, 4, 4), np.float32))),
    ):
        print(f"   {name:18}{up.shape} -> {upreg.run('concat', a, up, axis=1).shape}")


def checkerboards():
    """Kernels that are no multiple of their stride collect unevenly many products."""
    print("\noverlap of k = 3, s = 2:", overlap_of_layers([(3, 2)], size=5).total.astype(int))
    print("k = 4, s = 2 (even):    ", overlap_of_layers([(4, 2)], size=5).total.astype(int))
    print("two layers of k = 3:    ", overlap_of_layers([(3, 2)] * 2, size=5).total.astype(int))
    o = overlap_of_layers([(3, 2)] * 2, size=6, dims=2)
    print(f"\nin the plane\n{o.summary()}")
    o.save(OUT / "overlap.png")
    upreg.render.overlap_grid(path=OUT / "kernel_and_stride.png", dims=2)

    photo = upreg.images.sample_photo((128, 128)).pixels[None]
    small = upreg.run("avg_pool", photo, kernel=4)
    rng = np.random.default_rng(1)
    pictures = {}
    for label, chain in (
        ("transposed convolution", "conv_transpose:channels=3,kernel=3,stride=2,groups=3,padding=1,output_padding=1 | " * 2),
        ("resize-convolution", "nearest:scale=2 | conv:channels=3,kernel=3,groups=3,padding=1,padding_mode=replicate | " * 2),
    ):
        g = upreg.Graph(chain.rstrip(" |"), input=small.shape)
        g.bind(
            {
                name: rng.uniform(0.5, 1, g.weight_info[name][0]).astype(np.float32) if name.endswith("weight") else np.zeros(3, np.float32)
                for name in g.weights
            }
        )
        y = g(small)[0]
        pictures[label] = y / y.max()
    upreg.render.artifacts(pictures, OUT / "checkerboard.png", zoom=(40, 48, 24))


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    unlearned()
    transposed()
    arithmetic()
    print("\nsizes that fit for a concatenation")
    same_size()
    checkerboards()
    print("\npictures:", *sorted(str(path) for path in OUT.glob("*.png")), sep="\n   ")
