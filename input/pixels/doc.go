// Package pixels reads image files as numbers and draws numbers as images: 8-bit pixels in files of many formats, and
// rows of float32 by height, width and channel.
//
// [Decode] reads PNG, JPEG, WebP, BMP, TIFF, GIF and binary PNM files, with the values that Pillow has. It is strict and
// bounded: animations, several pages, transparent pixels, more than 8 bits a channel and damaged files are errors that
// say what was expected and found. [Draw] and [EncodePNG] make pictures.
package pixels
