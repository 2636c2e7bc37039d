"""Small Photoshop files for tests, through psd-tools' low-level records."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
from psd_tools.constants import (
    BlendMode,
    ChannelID,
    Clipping,
    ColorMode,
    Compression,
    Resource,
    SectionDivider,
    Tag,
)
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelImageData,
    ChannelInfo,
    LayerAndMaskInformation,
    LayerBlendingRanges,
    LayerFlags,
    LayerInfo,
    LayerInfoBlock,
    LayerRecord,
    LayerRecords,
    MaskData,
    MaskFlags,
    MaskParameters,
)
from psd_tools.psd.tagged_blocks import SectionDividerSetting, TaggedBlock, TaggedBlocks

STORED = {np.dtype("u1"): ">u1", np.dtype("u2"): ">u2", np.dtype("f4"): ">f4"}


def layer(
    colour=None,
    *,
    name="Layer",
    at=(0, 0),
    alpha=None,
    mask=None,
    mode="NORMAL",
    opacity=255,
    clipped=False,
    visible=True,
    blocks=(),
    ranges=None,
    compression=Compression.RLE,
):
    """A layer of (C, h, w) samples; `blocks` are (tag, bytes or parsed data); `mask` is what `raster_mask` gives."""
    return {**locals()}


def raster_mask(samples, at=(0, 0), default=0, *, channel=-2, parameters=None, real=None, **flags):
    """A layer mask; `parameters` are user density, user feather, vector density, vector feather; flags by name."""
    return {**locals()}


def group(*members, name="Group", mode="PASS_THROUGH", **more):
    """A group: its own layer record and its members, bottom first."""
    return {"members": members, "group_mode": mode, **layer(name=name, **more)}


def fill_block(red, green, blue):
    """The block of a solid fill, as Photoshop's descriptors spell it: three doubles in an RGB colour."""

    def item(key, kind, data):
        return struct.pack(">I", 0) + key + kind + data

    channels = b"".join(
        item(key, b"doub", struct.pack(">d", v))
        for key, v in ((b"Rd  ", red), (b"Grn ", green), (b"Bl  ", blue))
    )
    head = struct.pack(">IHI", 1, 0, 0)
    colour = item(b"Clr ", b"Objc", head + b"RGBC" + struct.pack(">I", 3) + channels)
    return b"SoCo", struct.pack(">I", 16) + head + b"null" + struct.pack(">I", 1) + colour


def _channel(samples, version, compression):
    if samples is None:
        return ChannelData(compression=Compression.RAW, data=b"")
    stored = np.ascontiguousarray(samples).astype(STORED[samples.dtype])
    data = ChannelData(compression=compression, data=b"")
    height, width = samples.shape
    data.set_data(stored.tobytes(), width, height, samples.dtype.itemsize * 8, version)
    return data


def _record(spec, version, divider=None):
    colour, alpha, mask = spec["colour"], spec["alpha"], spec["mask"]
    height, width = (0, 0) if colour is None else colour.shape[1:]
    (x, y), method = spec["at"], spec["compression"]
    channels = [] if alpha is None else [(-1, alpha)]
    channels += [] if colour is None else list(enumerate(colour))
    mask_data = None
    if mask is not None:
        tall, wide = (0, 0) if mask["samples"] is None else mask["samples"].shape
        left, top = mask["at"]
        if mask["samples"] is not None:
            channels.append((mask["channel"], mask["samples"]))
        parameters = None if mask["parameters"] is None else MaskParameters(*mask["parameters"])
        flags = MaskFlags(**mask["flags"], parameters_applied=parameters is not None)
        mask_data = MaskData(
            top=top,
            left=left,
            bottom=top + tall,
            right=left + wide,
            background_color=mask["default"],
            flags=flags,
            parameters=parameters,
        )
        if mask["real"] is not None:
            real, (left, top), default = mask["real"]
            channels.append((-3, real))
            mask_data.real_flags, mask_data.real_background_color = MaskFlags(), default
            mask_data.real_left, mask_data.real_top = left, top
            mask_data.real_right, mask_data.real_bottom = left + real.shape[1], top + real.shape[0]
    blocks = {tag: TaggedBlock(key=tag, data=data) for tag, data in spec["blocks"]}
    blocks[Tag.UNICODE_LAYER_NAME.value] = TaggedBlock(
        key=Tag.UNICODE_LAYER_NAME,
        data=struct.pack(">I", len(spec["name"])) + spec["name"].encode("utf-16-be"),
    )
    if divider is not None:
        blocks[Tag.SECTION_DIVIDER_SETTING.value] = TaggedBlock(key=Tag.SECTION_DIVIDER_SETTING, data=divider)
    record = LayerRecord(
        top=y,
        left=x,
        bottom=y + height,
        right=x + width,
        channel_info=[ChannelInfo(id=ChannelID(n), length=0) for n, _ in channels],
        blend_mode=BlendMode[spec["mode"]],
        opacity=spec["opacity"],
        clipping=Clipping.NON_BASE if spec["clipped"] else Clipping.BASE,
        flags=LayerFlags(visible=spec["visible"]),
        mask_data=mask_data,
        name="L",
        blending_ranges=spec["ranges"] or LayerBlendingRanges(),
        tagged_blocks=TaggedBlocks(blocks),
    )
    return record, ChannelDataList([_channel(data, version, method) for _, data in channels])


def _flat(specs, version):
    for spec in specs:
        if "members" not in spec:
            yield _record(spec, version)
            continue
        end = SectionDividerSetting(kind=SectionDivider.BOUNDING_SECTION_DIVIDER)
        yield _record(layer(name="</Layer group>"), version, end)
        yield from _flat(spec["members"], version)
        start = SectionDividerSetting(
            kind=SectionDivider.OPEN_FOLDER, signature=b"8BIM", blend_mode=BlendMode[spec["group_mode"]]
        )
        yield _record(spec, version, start)


def psd(
    *specs,
    size=(8, 4),
    depth=8,
    mode=ColorMode.RGB,
    version=1,
    channels=3,
    resources=(),
    flat=None,
    in_block=False,
) -> bytes:
    """The bytes of a file: layers bottom first; `flat` (C, h, w) is its flattened image, else black.

    `in_block` puts the layers where Photoshop puts those of 16- and 32-bit documents.
    """
    width, height = size
    header = FileHeader(
        version=version, channels=channels, height=height, width=width, depth=depth, color_mode=mode
    )
    pairs = list(_flat(specs, version))
    content: dict[str, Any] = {
        "layer_count": len(pairs),
        "layer_records": LayerRecords([r for r, _ in pairs]),
        "channel_image_data": ChannelImageData([c for _, c in pairs]),
    }
    info, blocks = LayerInfo(**content), TaggedBlocks()
    if in_block:
        block = LayerInfoBlock(**content)
        block._update_channel_length()
        tag = Tag.LAYER_16 if depth == 16 else Tag.LAYER_32
        info, blocks = LayerInfo(), TaggedBlocks({tag.value: TaggedBlock(key=tag, data=block)})  # type: ignore[arg-type]
    image = ImageData.new(header)
    if flat is not None:
        image.set_data([np.ascontiguousarray(p).astype(STORED[p.dtype]).tobytes() for p in flat], header)
    document = PSD(
        header=header,
        image_resources=ImageResources(
            {key: ImageResource(key=Resource(key).value, data=data) for key, data in resources}
        ),
        layer_and_mask_information=LayerAndMaskInformation(info, None, blocks),
        image_data=image,
    )
    file = BytesIO()
    document.write(file)
    return file.getvalue()
