"""Trained models for tests: every .onnx file of a folder of yours, UPREG_MODELS=FOLDER. None is part of the project: several licences forbid it."""
import os
import pathlib

# Public models that the tests were written against; others in the folder are tested too.
EXPECTED = """enet_camvid espcn_x2 espcn_x3 fsrcnn_x2 fsrcnn_x3 multistyle26 ppocrv4_det rdn_resizeconv_x2 selfie_segmentation
style_rain_princess_deconv style_udnie_deconv super_resolution waifu2x_upconv7_photo""".split()
FOLDER = os.environ.get("UPREG_MODELS")
FOUND = sorted(pathlib.Path(FOLDER).glob("*.onnx")) if FOLDER else []
ABSENT = [name for name in EXPECTED if name not in {path.stem for path in FOUND}]
WHY = f"{len(ABSENT)} of {len(EXPECTED)} models are absent from UPREG_MODELS = {FOLDER or '(no folder)'}: {', '.join(ABSENT)}"
