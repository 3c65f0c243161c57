package pixels

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// Format is a format of image files. Which one a file has is told by how it begins, not by its name.
type Format struct {
	Name    string
	endings []string // of names, in lower case
	begins  func(content []byte) bool
	config  func(io.Reader) (image.Config, error)
	decode  func(io.Reader) (image.Image, error)
	// several says what a file holds besides one image, such as "an animation"; "" for one image. nil: never.
	several func(content []byte) string
	// greyRamp says that a palette in which every entry is its own grey makes a grey image, as in Pillow.
	greyRamp bool
	// orientation finds the orientation that EXIF data tell, 1 to 8; 1 is none. nil: the format has none.
	orientation func(file io.ReaderAt, size int64) int
}

// formats are the formats that are read.
var formats = []Format{
	{Name: "PNG", endings: []string{".png"}, begins: prefix("\x89PNG\r\n\x1a\n"), config: png.DecodeConfig, decode: png.Decode,
		several: severalPNG, orientation: orientationPNG},
	{Name: "JPEG", endings: []string{".jpg", ".jpeg"}, begins: prefix("\xff\xd8"), config: jpeg.DecodeConfig, decode: jpeg.Decode,
		orientation: orientationJPEG},
	{Name: "WebP", endings: []string{".webp"}, begins: riff("WEBP"), config: webp.DecodeConfig, decode: decodeWebP,
		several: severalWebP, orientation: orientationWebP},
	{Name: "BMP", endings: []string{".bmp"}, begins: prefix("BM"), config: bmp.DecodeConfig, decode: bmp.Decode, greyRamp: true},
	{Name: "TIFF", endings: []string{".tif", ".tiff"}, begins: isTIFF, config: tiff.DecodeConfig, decode: tiff.Decode,
		several: severalTIFF, orientation: orientationTIFF},
	{Name: "GIF", endings: []string{".gif"}, begins: prefix("GIF8"), config: gif.DecodeConfig, decode: gif.Decode, several: severalGIF, greyRamp: true},
	{Name: "PNM", endings: []string{".ppm", ".pgm", ".pnm"}, begins: isPNM, config: configPNM, decode: decodePNM},
}

// Formats lists the formats that are read, for errors and help.
const Formats = "PNG, JPEG, WebP, BMP, TIFF, GIF or PPM"

// foreign are image formats that are not read, by the endings of names.
var foreign = map[string]bool{
	".heic": true, ".heif": true, ".hif": true, ".avif": true, ".jxl": true, ".jp2": true, ".j2k": true, ".jpf": true, ".svg": true,
	".pbm": true, ".pam": true, ".pfm": true, ".tga": true, ".ico": true, ".psd": true, ".eps": true, ".exr": true, ".hdr": true,
	".raw": true, ".dng": true, ".cr2": true, ".cr3": true, ".nef": true, ".arw": true, ".orf": true, ".rw2": true, ".raf": true,
	".jfif": true, ".jpe": true, ".dib": true, ".apng": true, ".dcm": true, ".pcx": true, ".xbm": true, ".xpm": true, ".qoi": true,
}

func prefix(of string) func([]byte) bool {
	return func(content []byte) bool { return bytes.HasPrefix(content, []byte(of)) }
}

func riff(kind string) func([]byte) bool {
	return func(content []byte) bool {
		return len(content) >= 12 && string(content[:4]) == "RIFF" && string(content[8:12]) == kind
	}
}

func isTIFF(content []byte) bool {
	return bytes.HasPrefix(content, []byte("II*\x00")) || bytes.HasPrefix(content, []byte("MM\x00*"))
}

// FormatOf is the format of an image file, or an error that names what it is.
func FormatOf(content []byte) (Format, error) {
	for _, f := range formats {
		if f.begins(content) {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("expected a %s file, found %s", Formats, Describe(content))
}

// HasName reports whether a name ends as those of files that are read.
func HasName(name string) bool {
	ending := strings.ToLower(path.Ext(name))
	return slices.ContainsFunc(formats, func(f Format) bool { return slices.Contains(f.endings, ending) })
}

// IsForeign reports whether an ending of names, in lower case and with its dot, is that of an image format that is not read.
func IsForeign(ending string) bool { return foreign[ending] }

// Orientation is the EXIF orientation of a file of the format, 1 to 8: 1 where there is none to follow, as in a TIFF file,
// which is turned in any case.
func (f Format) Orientation(file io.ReaderAt, size int64) int {
	if f.orientation == nil || f.Name == "TIFF" {
		return 1
	}
	return f.orientation(file, size)
}

// Describe says what a file seems to be that is no image that is read.
func Describe(content []byte) string {
	if len(content) >= 12 && string(content[4:8]) == "ftyp" {
		switch string(content[8:12]) {
		case "avif", "avis":
			return "an AVIF image"
		case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1":
			return "a HEIC image"
		}
		return "a file in an ISO media format, such as HEIC, AVIF or MP4"
	}
	for _, f := range []struct{ begins, is string }{
		{"\x00\x00\x00\x0cJXL ", "a JPEG XL image"}, {"\xff\x0a", "a JPEG XL image"},
		{"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image"}, {"\xff\x4f\xff\x51", "a JPEG 2000 image"},
		{"8BPS", "a Photoshop file"}, {"<svg", "an SVG drawing"}, {"<?xml", "an XML file, such as an SVG drawing"},
		{"P1", "a PNM file of the kind P1"}, {"P2", "a PNM file of the kind P2, as text"}, {"P3", "a PNM file of the kind P3, as text"},
		{"P4", "a PNM file of the kind P4"}, {"P7", "a PNM file of the kind P7"},
		{"II+\x00", "a BigTIFF file"}, {"MM\x00+", "a BigTIFF file"},
		{"version https://git-lfs", "a pointer of Git LFS, not the image; git lfs pull fetches it"},
		{"<!DOCTYPE", "an HTML page"}, {"<html", "an HTML page"},
	} {
		if bytes.HasPrefix(content, []byte(f.begins)) {
			return f.is
		}
	}
	if len(content) == 0 {
		return "an empty file"
	}
	return fmt.Sprintf("a file that begins %q", content[:min(8, len(content))])
}

// severalPNG finds an animated PNG: a chunk acTL before the pixels.
func severalPNG(content []byte) string {
	for at := 8; at+12 <= len(content); {
		size := int64(binary.BigEndian.Uint32(content[at:]))
		switch string(content[at+4 : at+8]) {
		case "acTL":
			if at+12 <= len(content) && size >= 4 && binary.BigEndian.Uint32(content[at+8:]) > 1 {
				return "an animation"
			}
		case "IDAT":
			return ""
		}
		if size > int64(len(content)) {
			return ""
		}
		at += 12 + int(size)
	}
	return ""
}

// severalWebP finds an animated WebP: a flag of its extended header.
func severalWebP(content []byte) string {
	const animation = 1 << 1
	if len(content) > 20 && string(content[12:16]) == "VP8X" && content[20]&animation != 0 {
		return "an animation"
	}
	return ""
}

// severalGIF counts frames up to the second.
func severalGIF(content []byte) string {
	if len(content) < 13 {
		return ""
	}
	table := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	blocks := func(at int) int { // behind the sub-blocks that begin there
		for at < len(content) && content[at] != 0 {
			at += 1 + int(content[at])
		}
		return at + 1
	}
	frames := 0
	for at := 13 + table(content[10]); at < len(content); {
		switch content[at] {
		case 0x21: // an extension
			at = blocks(at + 2)
		case 0x2c: // a frame
			if frames++; frames > 1 {
				return "an animation"
			}
			if at+10 > len(content) {
				return ""
			}
			at = blocks(at + 10 + table(content[at+9]) + 1)
		default:
			return ""
		}
	}
	return ""
}

// severalTIFF counts pages, without thumbnails and other small versions of a page, up to the second.
func severalTIFF(content []byte) string {
	pages := 0
	const mostDirectories = 64
	t := tiffData{bytes.NewReader(content), int64(len(content)), tiffOrder(content)}
	at, ok := t.first()
	for n := 0; ok && at != 0 && n < mostDirectories; n++ {
		next, whole := t.next(at)
		if kind, _ := t.value(at, tiffSubfileType); whole && kind&1 == 0 {
			if pages++; pages > 1 {
				return "several pages"
			}
		}
		at, ok = next, whole
	}
	return ""
}
