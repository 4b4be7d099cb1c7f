"""Builds the plugin's shared library. It is no Python module: nothing imports it, upreg loads it."""

from setuptools import Extension, setup

import upreg

setup(ext_modules=[Extension("upreg_scale2x._scale2x", ["scale2x.c"], include_dirs=[upreg.get_include()])])
