"""Odd pictures of every format that Millrace reads, made by Pillow, ImageMagick and the byte writers below.

    python3 golden/odd_pictures.py FOLDER

For `golden/decoding.py`. Needs ImageMagick's `convert` (6 or 7) and libjpeg-turbo's `cjpeg`; what they cannot
make is left out and named.
"""
import io
import pathlib
import struct
import subprocess
import sys
import zlib

import numpy as np
from PIL import Image

OUT = pathlib.Path(sys.argv[1])
W, H = 61, 43


def picture():
    y, x = np.mgrid[0:H, 0:W]
    a = np.stack([x * 255 // (W - 1), y * 255 // (H - 1), (x * 7 + y * 5) % 256], 2).astype(np.uint8)
    a[5:20, 8:25] = (220, 30, 40)
    return a


A = picture()
IM = Image.fromarray(A)
GREY = IM.convert("L")
ALPHA = Image.fromarray(np.dstack([A, np.tile(np.linspace(0, 255, W).astype(np.uint8), (H, 1))]))


def save(name, data):
    (OUT / name).write_bytes(data)


def encoded(im, kind, **how):
    out = io.BytesIO()
    im.save(out, kind, **how)
    return out.getvalue()


def exif(value, order=">", kind=3, tag=0x112, prefix=b"Exif\0\0"):
    head = (b"MM" if order == ">" else b"II") + struct.pack(order + "HI", 42, 8)
    number = struct.pack(order + "I", value) if kind == 4 else struct.pack(order + "H", value) + b"\0\0"
    return prefix + head + struct.pack(order + "HHHI", 1, tag, kind, 1) + number + b"\0" * 4


def app1(data):
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def magick(name, *how, of="rgb.png"):
    done = subprocess.run(["convert-im6.q16" if subprocess.run(["which", "convert-im6.q16"], capture_output=True).returncode == 0
                           else "convert", str(OUT / of), *how, name], cwd=OUT, capture_output=True, text=True)
    if done.returncode != 0 or not (OUT / name.split(":")[-1]).exists():
        print(f"left out {name}: {done.stderr.strip()[:200]}")


def cjpeg(name, *how):
    ppm = encoded(IM, "PPM")
    done = subprocess.run(["cjpeg", *how], input=ppm, capture_output=True)
    if done.returncode:
        print(f"left out {name}: {done.stderr.decode().strip()[:200]}")
    else:
        save(name, done.stdout)


def jpegs():
    base = encoded(IM, "JPEG", quality=90)
    for n in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 65535]:
        save(f"exif-{n}.jpg", base[:2] + app1(exif(n)) + base[2:])
        save(f"exif-little-{n}.jpg", base[:2] + app1(exif(n, "<")) + base[2:])
    save("exif-long-6.jpg", base[:2] + app1(exif(6, kind=4)) + base[2:])
    save("exif-second-segment-6.jpg", base[:2] + app1(exif(1, tag=0x10f)) + app1(exif(6)) + base[2:])
    save("exif-3-then-6.jpg", base[:2] + app1(exif(3)) + app1(exif(6)) + base[2:])
    save("exif-cut-off.jpg", base[:2] + app1(exif(6)[:20]) + base[2:])
    for sampling in range(3):
        save(f"sampling-{sampling}.jpg", encoded(IM, "JPEG", quality=90, subsampling=sampling))
        save(f"progressive-{sampling}.jpg", encoded(IM, "JPEG", quality=90, subsampling=sampling, progressive=True))
    cjpeg("sampling-411.jpg", "-sample", "4x1")
    cjpeg("sampling-440.jpg", "-sample", "1x2")
    cjpeg("sampling-410.jpg", "-sample", "4x2")
    cjpeg("arithmetic.jpg", "-arithmetic")
    cjpeg("arithmetic-progressive.jpg", "-arithmetic", "-progressive")
    cjpeg("restart.jpg", "-restart", "1B")
    cjpeg("restart-progressive.jpg", "-restart", "3B", "-progressive")
    cjpeg("rgb-jpeg.jpg", "-rgb")
    cjpeg("grey.jpg", "-grayscale")
    cjpeg("12-bit.jpg", "-precision", "12")
    cjpeg("quality-100.jpg", "-quality", "100")
    cjpeg("quality-1.jpg", "-quality", "1")
    save("cmyk.jpg", encoded(IM.convert("CMYK"), "JPEG", quality=90))
    magick("jpeg:ycck.jpg", "-colorspace", "CMYK", "-sampling-factor", "1x1")
    save("comment.jpg", base[:2] + b"\xff\xfe\0\7hello" + base[2:])
    save("app-behind-scan.jpg", base[:-2] + b"\xff\xe5\0\6abcd" + base[-2:])
    save("fill-bytes.jpg", base[:2] + b"\xff\xff\xff" + base[2:])
    save("garbage-between.jpg", base[:2] + b"\0\0garbage" + base[2:])
    save("garbage-before-end.jpg", base[:-2] + b"\0" * 20 + base[-2:])
    save("garbage-behind.jpg", base + b"garbage" * 100)
    save("two-jpegs.jpg", base + encoded(GREY, "JPEG"))
    save("no-end-marker.jpg", base[:-2])
    save("cut.jpg", base[: len(base) // 2])
    save("cut-closed.jpg", base[: len(base) // 2] + b"\xff\xd9")
    save("cut-another-behind.jpg", base[: len(base) // 2] + base)
    damaged = bytearray(base)
    noise = np.random.default_rng(3).integers(0, 255, 60).astype(np.uint8).tobytes()
    damaged[len(base) // 2 : len(base) // 2 + 60] = noise
    save("damaged.jpg", bytes(damaged))
    progressive = encoded(IM, "JPEG", quality=90, progressive=True)
    scans = [i for i in range(len(progressive) - 1) if progressive[i : i + 2] == b"\xff\xda"]
    save("progressive-without-last-scans.jpg", progressive[: scans[4]] + b"\xff\xd9")
    save("progressive-cut.jpg", progressive[: scans[4]])
    save("icc.jpg", encoded(IM, "JPEG", icc_profile=b"x" * 200))
    for name, size in {"column": (1, 40), "row": (40, 1), "dot": (1, 1)}.items():
        save(f"{name}.jpg", encoded(IM.resize(size), "JPEG"))
    huge = bytearray(encoded(Image.new("L", (8, 8)), "JPEG"))
    at = huge.index(b"\xff\xc0")
    huge[at + 5 : at + 9] = struct.pack(">HH", 10000, 10000)
    save("claims-100-megapixels.jpg", bytes(huge))
    zero = bytearray(base)
    at = zero.index(b"\xff\xc0")
    zero[at + 5 : at + 7] = b"\0\0"
    save("zero-height.jpg", bytes(zero))


def chunk(name, data, crc=None):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data) if crc is None else crc)


def pngs():
    save("rgb.png", encoded(IM, "PNG"))
    base = encoded(IM, "PNG")
    for n in range(10):
        save(f"exif-{n}.png", base[:33] + chunk(b"eXIf", exif(n, prefix=b"")) + base[33:])
    save("exif-prefixed-6.png", base[:33] + chunk(b"eXIf", exif(6)) + base[33:])
    save("exif-behind-6.png", base[:-12] + chunk(b"eXIf", exif(6, prefix=b"")) + base[-12:])
    save("gamma.png", base[:33] + chunk(b"gAMA", struct.pack(">I", 100000)) + base[33:])
    save("bad-icc.png", base[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(b"nonsense")) + base[33:])
    save("wrong-crc.png", base[:-20] + bytes([base[-20] ^ 1]) + base[-19:])
    save("no-end.png", base[:-12])
    save("garbage-behind.png", base + b"garbage")
    save("alpha.png", encoded(ALPHA, "PNG"))
    save("grey-alpha.png", encoded(ALPHA.convert("LA"), "PNG"))
    save("palette.png", encoded(IM.quantize(50), "PNG"))
    save("palette-trns.png", encoded(IM.quantize(50), "PNG", transparency=bytes(range(0, 250, 5))))
    save("rgb-trns.png", encoded(IM, "PNG", transparency=(220, 30, 40)))
    save("bits.png", encoded(IM.convert("1"), "PNG"))
    for bits in (1, 2, 4):
        save(f"palette-{bits}.png", encoded(IM.quantize(1 << bits), "PNG", bits=bits))
    magick("png48:16-bit.png", "-depth", "16")
    magick("png64:16-bit-alpha.png", "-depth", "16", of="alpha.png")
    magick("interlaced.png", "-interlace", "PNG")
    magick("interlaced-16.png", "-interlace", "PNG", "-depth", "16", "-define", "png:format=png48")
    save("grey-16.png", encoded(Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257), "PNG"))
    save("animated.png", encoded(IM, "PNG", save_all=True, append_images=[GREY.convert("RGB")]))
    save("animated-default-apart.png", encoded(IM, "PNG", save_all=True, default_image=True,
                                                append_images=[GREY.convert("RGB"), IM]))
    save("column.png", encoded(IM.resize((1, 40)), "PNG"))
    huge = chunk(b"IHDR", struct.pack(">IIBBBBB", 9999, 9999, 8, 2, 0, 0, 0))
    save("claims-100-megapixels.png", base[:8] + huge + base[33:])


def gifs():
    p = IM.quantize(64)
    save("still.gif", encoded(p, "GIF"))
    save("interlaced.gif", encoded(p, "GIF", interlace=1))
    save("not-interlaced.gif", encoded(p, "GIF", interlace=0))
    save("transparent.gif", encoded(p, "GIF", transparency=5))
    save("animated.gif", encoded(p, "GIF", save_all=True, append_images=[IM.rotate(90).quantize(64)]))
    save("no-trailer.gif", encoded(p, "GIF")[:-1])
    save("grey.gif", encoded(GREY, "GIF"))
    save("bits.gif", encoded(IM.convert("1"), "GIF"))
    save("cut.gif", encoded(p, "GIF")[:1500])
    whole = bytearray(encoded(p, "GIF", interlace=0))
    whole[6:10] = struct.pack("<HH", 100, 80)
    save("canvas-larger.gif", bytes(whole))
    at = whole.index(b",\0\0\0\0" + struct.pack("<HH", W, H))
    whole[at + 1 : at + 5] = struct.pack("<HH", 20, 10)
    save("offset.gif", bytes(whole))
    whole[6:10] = struct.pack("<HH", 30, 30)
    save("canvas-smaller.gif", bytes(whole))
    magick("local-palettes.gif", "-colors", "16")
    noise = np.random.default_rng(1).integers(0, 256, (200, 300)).astype(np.uint8)
    save("noise.gif", encoded(Image.fromarray(noise), "GIF"))
    save("flat.gif", encoded(Image.new("P", (500, 400), 3), "GIF"))
    tiny = bytearray(encoded(Image.new("P", (4, 4)), "GIF"))
    tiny[6:10] = struct.pack("<HH", 9999, 9999)
    save("claims-100-megapixels.gif", bytes(tiny))


def bmp(header, bits, body, palette=b"", size=None, height=H, compression=0, masks=b"", colours=0):
    if header == 12:
        dib = struct.pack("<IHHHH", 12, W, height, 1, bits)
    else:
        dib = struct.pack("<IiiHHIIiiII", header, W, height, 1, bits, compression, len(body), 2835, 2835, colours, 0)
        inside = masks[: max(0, header - 40)].ljust(max(0, header - 40), b"\0")
        dib += inside + masks[len(inside):] if header == 40 else inside
    place = 14 + len(dib) + len(palette)
    return b"BM" + struct.pack("<IHHI", place + len(body), 0, 0, place) + dib + palette + body


def rows(a, bits, flip=True):
    """Packed rows of [H, W] numbers, padded to four bytes."""
    out = b""
    for row in a[::-1] if flip else a:
        number = 0
        line = b""
        if bits < 8:
            text = "".join(format(int(v), f"0{bits}b") for v in row)
            text = text.ljust((len(text) + 7) // 8 * 8, "0")
            line = bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
        else:
            line = b"".join(int(v).to_bytes(bits // 8, "little") for v in row)
        out += line + b"\0" * (-len(line) % 4)
    return out


def rle(a, bits, pad=0, end=True):
    """Runs of single pixels' colours; each row is continued beyond its end by `pad` pixels."""
    out = b""
    for row in a[::-1]:
        x = 0
        while x < len(row):
            n = 1
            while x + n < len(row) and row[x + n] == row[x] and n < 200:
                n += 1
            over = pad if x + n == len(row) else 0
            out += bytes([n + over, int(row[x]) * (17 if bits == 4 else 1)])
            x += n
        out += b"\0\0"
    return out + (b"\0\1" if end else b"")


def absolute(a, bits):
    out = b""
    for row in a[::-1]:
        for x in range(0, len(row), 50):
            part = row[x : x + 50]
            if len(part) < 3:
                out += b"".join(bytes([1, int(v) * (17 if bits == 4 else 1)]) for v in part)
                continue
            data = bytes(part) if bits == 8 else bytes(
                int(part[i]) << 4 | (int(part[i + 1]) if i + 1 < len(part) else 0) for i in range(0, len(part), 2))
            out += bytes([0, len(part)]) + data + b"\0" * (len(data) % 2)
        out += b"\0\0"
    return out + b"\0\1"


def bmps():
    b, g, r = (A[..., c].astype(np.uint32) for c in (2, 1, 0))
    for bits in (1, 2, 4, 8):
        q = IM.quantize(1 << bits)
        index = np.asarray(q)
        colours = np.array(q.getpalette()[: 3 << bits]).reshape(-1, 3)
        colours = np.pad(colours, ((0, (1 << bits) - len(colours)), (0, 0)))
        four = b"".join(bytes([c[2], c[1], c[0], 0]) for c in colours.tolist())
        three = b"".join(bytes([c[2], c[1], c[0]]) for c in colours.tolist())
        save(f"palette-{bits}.bmp", bmp(40, bits, rows(index, bits), four))
        save(f"palette-{bits}-os2.bmp", bmp(12, bits, rows(index, bits), three))
        save(f"palette-{bits}-top-down.bmp", bmp(40, bits, rows(index, bits, False), four, height=-H))
        if bits >= 4:
            kind = 1 if bits == 8 else 2
            save(f"rle-{bits}.bmp", bmp(40, bits, rle(index, bits), four, compression=kind))
            save(f"rle-{bits}-padded.bmp", bmp(40, bits, rle(index, bits, 3), four, compression=kind))
            save(f"rle-{bits}-no-end.bmp", bmp(40, bits, rle(index, bits, end=False), four, compression=kind))
            save(f"rle-{bits}-cut.bmp", bmp(40, bits, rle(index, bits)[:600], four, compression=kind))
            save(f"rle-{bits}-absolute.bmp", bmp(40, bits, absolute(index, bits), four, compression=kind))
            jumps = b"\x05" + bytes([17 * 3 if bits == 4 else 3]) + b"\0\2\4\3" + b"\x04\x11\0\0\0\1"
            save(f"rle-{bits}-jump.bmp", bmp(40, bits, jumps, four, compression=kind))
    five = (r >> 3) << 10 | (g >> 3) << 5 | b >> 3
    six = (r >> 3) << 11 | (g >> 2) << 5 | b >> 3
    full = r << 16 | g << 8 | b
    masks555 = struct.pack("<III", 0x7C00, 0x3E0, 0x1F)
    masks565 = struct.pack("<III", 0xF800, 0x7E0, 0x1F)
    masks888 = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF)
    masksrgb = struct.pack("<III", 0xFF, 0xFF00, 0xFF0000)
    masks10 = struct.pack("<III", 0x3FF00000, 0xFFC00, 0x3FF)
    other = b << 16 | g << 8 | r
    ten = (r * 1023 // 255) << 20 | (g * 1023 // 255) << 10 | b * 1023 // 255
    save("24-os2.bmp", bmp(12, 24, rows(full, 24)))
    for header in (40, 52, 56, 64, 108, 124):
        save(f"24-{header}.bmp", bmp(header, 24, rows(full, 24)))
        save(f"32-{header}.bmp", bmp(header, 32, rows(full | 0x55000000, 32)))
        save(f"555-{header}.bmp", bmp(header, 16, rows(five, 16)))
        if header == 64:
            continue
        save(f"555-fields-{header}.bmp", bmp(header, 16, rows(five, 16), compression=3, masks=masks555))
        save(f"565-{header}.bmp", bmp(header, 16, rows(six, 16), compression=3, masks=masks565))
        save(f"888-{header}.bmp", bmp(header, 32, rows(full, 32), compression=3, masks=masks888))
        save(f"888-red-first-{header}.bmp", bmp(header, 32, rows(other, 32), compression=3, masks=masksrgb))
        save(f"101010-{header}.bmp", bmp(header, 32, rows(ten, 32), compression=3, masks=masks10))
    save("24-cut.bmp", bmp(40, 24, rows(full, 24))[:5000])
    save("holds-jpeg.bmp", bmp(40, 0, encoded(IM, "JPEG"), compression=4))


def webps():
    for n in range(10):
        data = exif(n, prefix=b"")
        save(f"exif-{n}.webp", encoded(IM, "WEBP", exif=data, lossless=True))
    save("exif-prefixed-6.webp", with_exif(encoded(IM, "WEBP", lossless=True), exif(6)))
    save("lossy.webp", encoded(IM, "WEBP", quality=80))
    save("lossless.webp", encoded(IM, "WEBP", lossless=True))
    save("alpha.webp", encoded(ALPHA, "WEBP", lossless=True, exact=True))
    save("alpha-lossy.webp", encoded(ALPHA, "WEBP", quality=80, exact=True))
    save("animated.webp", encoded(IM, "WEBP", save_all=True, append_images=[GREY.convert("RGB")], lossless=True))
    save("animated-alpha.webp", encoded(ALPHA, "WEBP", save_all=True, append_images=[GREY.convert("RGBA")],
                                         lossless=True, exact=True))
    save("dot.webp", encoded(Image.new("RGB", (1, 1), (200, 100, 50)), "WEBP", lossless=True))
    save("cut.webp", encoded(IM, "WEBP", quality=80)[:700])


def with_exif(data, block):
    """A VP8X container around a simple lossless file."""
    ext = b"VP8X" + struct.pack("<II", 10, 8) + struct.pack("<I", W - 1)[:3] + struct.pack("<I", H - 1)[:3]
    part = b"EXIF" + struct.pack("<I", len(block)) + block + b"\0" * (len(block) % 2)
    body = b"WEBP" + ext + data[12:] + part
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiffs():
    save("rgb.tif", encoded(IM, "TIFF"))
    for compression in ("lzw", "deflate", "adobe_deflate", "packbits", "jpeg", "raw", "lzma", "zstd", "webp"):
        for kind, im in {"rgb": IM, "grey": GREY, "alpha": ALPHA, "palette": IM.quantize(60)}.items():
            name = compression if compression in ("packbits", "jpeg", "raw", "lzma", "zstd", "webp") else "tiff_" + compression
            try:
                save(f"{compression}-{kind}.tif", encoded(im, "TIFF", compression=name if name != "deflate" else "tiff_deflate"))
            except (OSError, KeyError, RuntimeError, ValueError) as e:
                print(f"left out {compression}-{kind}.tif: {e}")
    for compression in ("group3", "group4", "tiff_ccitt"):
        save(f"{compression}.tif", encoded(IM.convert("1"), "TIFF", compression=compression))
    for n in range(1, 9):
        save(f"orientation-{n}.tif", encoded(IM, "TIFF", tiffinfo={274: n}))
        save(f"orientation-grey-{n}.tif", encoded(GREY, "TIFF", tiffinfo={274: n}, compression="tiff_lzw"))
    save("predictor.tif", encoded(IM, "TIFF", compression="tiff_lzw", tiffinfo={317: 2}))
    save("predictor-alpha.tif", encoded(ALPHA, "TIFF", compression="tiff_adobe_deflate", tiffinfo={317: 2}))
    save("grey-alpha.tif", encoded(ALPHA.convert("LA"), "TIFF"))
    save("cmyk.tif", encoded(IM.convert("CMYK"), "TIFF"))
    save("lab.tif", encoded(Image.merge("LAB", IM.split()), "TIFF"))
    save("float.tif", encoded(GREY.convert("F"), "TIFF"))
    save("int32.tif", encoded(GREY.convert("I"), "TIFF"))
    save("bits.tif", encoded(IM.convert("1"), "TIFF"))
    save("grey-16.tif", encoded(Image.fromarray(np.asarray(GREY).astype(np.uint16) * 257), "TIFF"))
    save("pages.tif", encoded(IM, "TIFF", save_all=True, append_images=[GREY.convert("RGB")]))
    save("cut.tif", encoded(IM, "TIFF")[:4000])
    magick("16-bit.tif", "-depth", "16", "-type", "TrueColor")
    magick("16-bit-lzw.tif", "-depth", "16", "-compress", "LZW")
    magick("16-bit-alpha.tif", "-depth", "16", of="alpha.png")
    magick("16-bit-planar.tif", "-depth", "16", "-interlace", "plane")
    magick("associated-alpha.tif", "-define", "tiff:alpha=associated", of="alpha.png")
    magick("planar.tif", "-interlace", "plane")
    magick("planar-alpha.tif", "-interlace", "plane", of="alpha.png")
    magick("planar-lzw.tif", "-interlace", "plane", "-compress", "LZW")
    magick("tiled.tif", "-define", "tiff:tile-geometry=32x32")
    magick("tiled-16.tif", "-define", "tiff:tile-geometry=16x32", "-depth", "16")
    magick("tiled-alpha.tif", "-define", "tiff:tile-geometry=32x32", of="alpha.png")
    magick("big-endian.tif", "-endian", "MSB", "-depth", "16")
    magick("grey-2.tif", "-colorspace", "Gray", "-depth", "2")
    magick("grey-4.tif", "-colorspace", "Gray", "-depth", "4")
    magick("grey-12.tif", "-colorspace", "Gray", "-depth", "12")
    magick("grey-16-alpha.tif", "-colorspace", "Gray", "-depth", "16", of="alpha.png")
    magick("palette-4.tif", "-colors", "12", "-type", "Palette", "-depth", "4")
    magick("min-is-white.tif", "-colorspace", "Gray", "-define", "quantum:polarity=min-is-white")
    magick("cmyk-16.tif", "-colorspace", "CMYK", "-depth", "16")
    magick("cmyk-lzw.tif", "-colorspace", "CMYK", "-compress", "LZW")
    magick("ycbcr-jpeg.tif", "-compress", "JPEG", "-colorspace", "YCbCr")
    magick("rgb-565.tif", "-depth", "5")
    magick("TIFF64:big.tif")


def pnms():
    numbers = " ".join(map(str, A.reshape(-1).tolist()))
    save("plain.ppm", f"P3\n# a comment\n{W} {H}\n255\n{numbers}\n".encode())
    save("comments.ppm", f"P6 # one\n# two\n{W} # three\n{H}\n255\n".encode() + A.tobytes())
    save("range-100.ppm", f"P6 {W} {H} 100\n".encode() + (A // 4).tobytes())
    save("range-100-plain.ppm", (f"P3 {W} {H} 100\n" + " ".join(map(str, (A // 4).reshape(-1)))).encode())
    save("16-bit.ppm", f"P6 {W} {H} 65535\n".encode() + (A.astype(">u2") * 257).tobytes())
    save("grey.pgm", encoded(GREY, "PPM"))
    save("plain.pgm", (f"P2 {W} {H} 255\n" + " ".join(map(str, np.asarray(GREY).reshape(-1)))).encode())
    bits = np.asarray(IM.convert("1"))
    save("bits.pbm", encoded(IM.convert("1"), "PPM"))
    save("plain.pbm", (f"P1\n{W} {H}\n" + "\n".join("".join("0" if v else "1" for v in row) for row in bits)).encode())
    save("cut.ppm", encoded(IM, "PPM")[:4000])
    save("pam.pam", f"P7\nWIDTH {W}\nHEIGHT {H}\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n".encode() + A.tobytes())
    save("float.pfm", f"PF\n{W} {H}\n-1.0\n".encode() + A.astype("<f4").tobytes())


def others():
    save("j2k.jp2", encoded(IM, "JPEG2000"))
    save("icon.ico", encoded(IM, "ICO"))
    save("targa.tga", encoded(IM, "TGA"))
    save("drawing.svg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>')
    save("paper.pdf", encoded(IM, "PDF"))
    for name, brand in {"photo.heic": b"heic", "photo.avif": b"avif", "film.mp4": b"isom", "film.mov": b"qt  "}.items():
        save(name, struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0mif1miaf" + b"\0" * 100)
    magick("document.psd")
    save("empty.jpg", b"")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    pngs()
    for make in (jpegs, gifs, bmps, webps, tiffs, pnms, others):
        make()


main()
