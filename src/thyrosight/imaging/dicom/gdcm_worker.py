"""Decode one frame of JPEG or JPEG 2000 with GDCM: code on standard input, samples on standard output.

Run as a program with rows, columns, samples, bits allocated, bits stored, signed (0 or 1), the photometric
interpretation, and the codec of GDCM (JPEGCodec or JPEG2000Codec). It imports nothing else of the package, so that it
starts quickly.
"""

import sys


def main() -> int:
    """Exit code 0 where the frame was decoded."""
    import gdcm

    rows, columns, samples, allocated, stored, signed = map(int, sys.argv[1:7])
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(sys.stdin.buffer.read())
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    tag = gdcm.Tag(0x7FE0, 0x0010)
    packed, unpacked = gdcm.DataElement(tag), gdcm.DataElement(tag)
    packed.SetValue(fragments.__ref__())
    kind = gdcm.PhotometricInterpretation
    codec = {"JPEGCodec": gdcm.JPEGCodec, "JPEG2000Codec": gdcm.JPEG2000Codec}[sys.argv[8]]()
    codec.SetNumberOfDimensions(2)
    codec.SetDimensions((columns, rows, 1))
    codec.SetPixelFormat(gdcm.PixelFormat(samples, allocated, stored, stored - 1, signed))
    codec.SetPhotometricInterpretation(kind(kind.GetPIType(sys.argv[7])))
    if not codec.Decode(packed, unpacked):
        return 1
    # The wrapper hands bytes over as text.
    sys.stdout.buffer.write(unpacked.GetByteValue().GetBuffer().encode("utf-8", "surrogateescape"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
