package pixels

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
)

// The binary kinds of PNM files: P5, grey, and P6, colour. Data sets of traffic signs and older ones have them.

func isPNM(content []byte) bool {
	return len(content) >= 3 && content[0] == 'P' && (content[1] == '5' || content[1] == '6') && isSpace(content[2])
}

func isSpace(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

type headerPNM struct {
	colour                 bool
	width, height, maximum int
}

func readHeaderPNM(r *bufio.Reader) (h headerPNM, err error) {
	var magic [2]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return h, err
	}
	h.colour = magic[1] == '6'
	for _, field := range []*int{&h.width, &h.height, &h.maximum} {
		if *field, err = readNumberPNM(r); err != nil {
			return h, err
		}
	}
	if h.maximum < 1 || h.maximum > math.MaxUint16 {
		return h, fmt.Errorf("expected a greatest value of 1 to 65535, found %d", h.maximum)
	}
	return h, nil
}

// readNumberPNM reads a number with the white space and comments before it, and the one byte behind it.
func readNumberPNM(r *bufio.Reader) (int, error) {
	n, digits, comment := 0, 0, false
	for {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return 0, io.ErrUnexpectedEOF
		case comment:
			comment = b != '\n' && b != '\r'
		case b == '#' && digits == 0:
			comment = true
		case b >= '0' && b <= '9':
			if n, digits = 10*n+int(b-'0'), digits+1; n > 1<<30 {
				return 0, errors.New("a number is too large")
			}
		case isSpace(b) && digits == 0:
		case isSpace(b):
			return n, nil
		default:
			return 0, fmt.Errorf("expected a number, found %q", b)
		}
	}
}

func configPNM(r io.Reader) (image.Config, error) {
	h, err := readHeaderPNM(bufio.NewReader(r))
	c := image.Config{ColorModel: color.RGBAModel, Width: h.width, Height: h.height}
	switch {
	case h.maximum > math.MaxUint8:
		c.ColorModel = color.RGBA64Model
	case !h.colour:
		c.ColorModel = color.GrayModel
	}
	return c, err
}

// decodePNM takes images of 8 bits, whose size was found reasonable. Values are scaled to 0..255, as Pillow does.
func decodePNM(r io.Reader) (image.Image, error) {
	in := bufio.NewReader(r)
	h, err := readHeaderPNM(in)
	if err != nil {
		return nil, err
	}
	bounds := image.Rect(0, 0, h.width, h.height)
	var values []byte
	if h.colour {
		values = make([]byte, 3*h.width*h.height)
	} else {
		values = make([]byte, h.width*h.height)
	}
	if _, err := io.ReadFull(in, values); err != nil {
		return nil, err
	}
	if h.maximum != math.MaxUint8 {
		for i, v := range values {
			values[i] = byte(min(math.RoundToEven(float64(v)/float64(h.maximum)*255), 255))
		}
	}
	if !h.colour {
		return &image.Gray{Pix: values, Stride: h.width, Rect: bounds}, nil
	}
	img := image.NewRGBA(bounds)
	for i := range h.width * h.height {
		copy(img.Pix[4*i:], values[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img, nil
}
