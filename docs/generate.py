"""Writes docs/methods/*.md from the registry: one page per family, and an index. `--check` only says whether they are up to date."""

import sys
from pathlib import Path

import upreg
from upreg.cli import paragraphs
from upreg.registry import value_text

FOLDER = Path(__file__).parent / "methods"
PICTURES = Path(__file__).parent / "pictures" / "methods"  # drawn by docs/pictures.py: a photograph enlarged by 4, and a single pixel
NOTE = "<!-- Written by docs/generate.py from the methods' own tables. Change those. -->\n"
WORDS = {
    "conv": "Convolution",
    "transposed_conv": "Transposed convolution",
    "resample": "Resampling",
    "pool": "Pooling and unpooling",
    "norm": "Normalisation",
    "rearrange": "Rearranging",
    "arithmetic": "Arithmetic",
    "activation": "Activations",
    "dense": "Dense layers",
    "fir": "Filters and changes of rate",
    "gradient": "Gradients",
}
FLAGS = {
    "linear": "linear in its first input",
    "taps": "sums taps: overlap maps are meaningful",
    "elementwise": "elementwise",
    "upsamples": "makes a map larger",
    "epilogue": "takes a fused epilogue",
    "overlap_identity": "passed over when paths are counted",
    "overlap_refuse": "refuses the counting of paths",
}


def title(family):
    return WORDS.get(family, family.replace("_", " ").capitalize())


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def range_text(p):
    if p["choices"] and p["kind"] == "choice":
        return ", ".join(f"`{c}`" for c in p["choices"])
    limits = ""
    big = 2**31 - 1
    if p["min"] is not None and p["min"] > -big and (p["max"] is None or p["max"] >= big):
        limits = f"{p['min']:g} or more"
    elif p["min"] is not None and p["max"] is not None and p["max"] < big:
        limits = f"{p['min']:g} to {p['max']:g}"
    names = ", ".join(f"`{c}`" for c in p["choices"]) if p["choices"] else ""
    return "; ".join(part for part in (limits, names) if part)


def port_text(p):
    notes = [p["role"]] * (p["role"] != "data") + ["optional"] * p["optional"] + ["any number of them"] * p["variadic"]
    return f"`{p['name']}`: {p['dtype']}" + (f" ({', '.join(notes)})" if notes else "")


def method_text(info):
    lines = [f"## {info['name']}", "", info["summary"][0].upper() + info["summary"][1:] + ".", "", f"    {info['signature']}", ""]
    if (PICTURES / f"{info['name']}.jpg").exists():
        lines += [f"![{info['name']}](../pictures/methods/{info['name']}.jpg)", ""]
    if info["name"] != info["method"]:
        fixed = f" with `{info['preset']}`" if info["preset"] else ""
        rank = f", {info['rank']} spatial {'axes' if info['rank'] > 1 else 'axis'}" if info["rank"] else ""
        peer = f", as {info['peer']}" if info["peer"] else ""
        lines += [f"Preset of [{info['method']}](#{info['method']}){fixed}{rank}{peer}.", ""]
    else:
        if info["aliases"]:
            lines += ["Also found as " + ", ".join(f"`{a}`" for a in info["aliases"]) + ".", ""]
        lines += [paragraphs(info["doc"]).replace("\n", "\n\n"), ""]
        inputs, outputs = ("; ".join(port_text(p) for p in info[side]) for side in ("inputs", "outputs"))
        lines += [f"Inputs: {inputs}. Outputs: {outputs}.", ""]
        if info["params"]:
            lines += ["| parameter | kind | default | allowed | |", "|---|---|---|---|---|"]
            for p in info["params"]:
                default = "required" if p["required"] else f"`{value_text(p['default'])}`"
                lines.append(f"| `{p['name']}` | {p['kind']} | {default} | {cell(range_text(p))} | {cell(p['help'])} |")
            lines.append("")
        flags = [FLAGS[f] for f in info["flags"] if f in FLAGS] + (["differentiable"] if info["differentiable"] else ["not differentiable"])
        lines += [f"Element types: {', '.join(info['dtypes'])}. Properties: {'; '.join(flags)}.", ""]
        if info["source"]:
            lines += [f"Source: {info['source']}.", ""]
    return "\n".join(lines)


def pages():
    """{file name: text} of every page."""
    infos = [upreg.describe(name) for name in upreg.methods() if "." not in name]
    families = sorted({i["family"] for i in infos}, key=lambda f: (f == "gradient", f))
    intro = "`T` is the element type of the call. Every method takes arrays in the order of its inputs; see [the registry](../registry.md)."
    result, index = {}, [NOTE, "# Methods", "", intro, ""]
    for family in families:
        own = sorted((i for i in infos if i["family"] == family), key=lambda i: (i["method"], i["name"] != i["method"], i["name"]))
        index += [f"## [{title(family)}]({family}.md)", "", "| name | |", "|---|---|"]
        index += [f"| [`{i['name']}`]({family}.md#{i['name']}) | {cell(i['summary'])} |" for i in own] + [""]
        result[f"{family}.md"] = "\n".join([NOTE, f"# {title(family)}", "", "[All methods](README.md)", "", *[method_text(i) for i in own]])
    result["README.md"] = "\n".join(index)
    return result


# ---- which resize is this ----

COLUMNS = ("size_rule", "coordinates", "antialias", "border", "arith")
NEAREST = {"floor": "floor", "ceil": "ceil", "round_prefer_floor": "nearest, ties down", "round_prefer_ceil": "nearest, ties up"}


def kernel_text(params, method):
    own = {
        "linear": "triangle",
        "cubic": f"Keys a = {params.get('a')}",
        "lanczos": f"Lanczos {params.get('a')}",
        "bspline": f"B-spline {params.get('order')}",
        "magic_kernel_sharp": f"magic kernel {params.get('version')}",
        "mitchell": "Mitchell 1/3, 1/3",
        "area": f"area, {params.get('rule')}",
        "nearest": f"none: {NEAREST.get(params.get('rounding'), '')}",
    }
    return own.get(method, method)


def setting(info, params, key):
    """A parameter as the preset has it; what it leaves open, with a star."""
    if key not in params:
        return "-"
    value = str(params[key]).lower() if isinstance(params[key], bool) else str(params[key]).replace("tf_half_pixel_for_nn", "pixel centres")
    return value + " *" * any(p["name"] == key for p in info["params"])


def which_resize():
    """The page of libraries' resize functions, from the presets that are tested equal to them."""
    head = (FOLDER.parent / "which-resize.md").read_text().split(BEGIN)[0]
    rows = [f"| preset | the library's | kernel | {' | '.join(c.replace('_', ' ') for c in COLUMNS)} |", "|---" * (len(COLUMNS) + 3) + "|"]
    peer = None
    for name in sorted(n for n in upreg.methods(family="resample") if upreg.describe(n)["peer"]):
        info = upreg.describe(name)
        params = upreg.get(name, size=8).params
        if info["peer"] != peer:
            peer = info["peer"]
            rows.append(f"| **{peer}** |" + " |" * (len(COLUMNS) + 2))
        summary, *_ = info["summary"].split(";")
        cells = [setting(info, params, key) for key in COLUMNS]
        rows.append(f"| `{name}` | {cell(summary)} | {kernel_text(params, info['method'])} | {' | '.join(cells)} |")
    return f"{head}{BEGIN}\n\n" + "\n".join(rows) + "\n"


BEGIN = "<!-- From here on written by docs/generate.py. -->"


def main():
    wanted = {**pages(), "../which-resize.md": which_resize()}
    old = {path.name: path.read_text() for path in FOLDER.glob("*.md")} if FOLDER.is_dir() else {}
    old["../which-resize.md"] = (FOLDER.parent / "which-resize.md").read_text()
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in {*old, *wanted} if old.get(name) != wanted.get(name))
        print("out of date, run `make docs`: " + ", ".join(stale) if stale else "docs/methods is up to date")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name in set(old) - set(wanted):
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    print(f"docs/methods: {len(wanted)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
