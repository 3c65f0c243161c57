package generators

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/generators/internal/classfolders"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// Notes implements [input.Noted].
func (f *Folder) Notes() []string {
	all := make([]int, len(f.files.Paths))
	for i := range all {
		all[i] = i
	}
	return f.notesOn(all)
}

// notesOn implements partly.
func (f *Folder) notesOn(indices []int) []string {
	notes := f.files.Notes()
	if n := f.orientationNote(indices); n != "" {
		notes = append(notes, n)
	}
	return notes
}

// orientationNote counts images that are to be turned.
func (f *Folder) orientationNote(indices []int) string {
	n := 0
	for _, i := range indices {
		if f.orientation(i) > 1 {
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case f.reading.Upright:
		return fmt.Sprintf("%s turned as the EXIF orientation says", images(n))
	}
	return fmt.Sprintf("%s not turned as the EXIF orientation says, as by Pillow and torchvision; generators.Upright turns them, as OpenCV does", images(n))
}

func images(n int) string {
	if n == 1 {
		return "1 image is"
	}
	return fmt.Sprintf("%d images are", n)
}

// orientation is the EXIF orientation of a file, 1 for none. A TIFF file, which is turned in any case, and one that
// cannot be read have none. It reads the beginning of the file, once.
func (f *Folder) orientation(i int) int {
	if known := f.turned[i].Load(); known > 0 {
		return int(known)
	}
	found := f.findOrientation(f.files.Paths[i])
	f.turned[i].Store(uint32(found))
	return found
}

func (f *Folder) findOrientation(name string) int {
	file, err := f.fsys.Open(name)
	if err != nil {
		return 1
	}
	defer func() { _ = file.Close() }()
	content, size, err := classfolders.ReaderAt(file)
	if err != nil {
		return 1
	}
	head := make([]byte, 16)
	n, _ := content.ReadAt(head, 0)
	format, err := pixels.FormatOf(head[:n])
	if err != nil {
		return 1
	}
	return format.Orientation(content, size)
}

// partly is a source whose notes depend on which of its seeds are taken.
type partly interface{ notesOn(indices []int) []string }

func notesOn(src input.Seeds, indices []int) []string {
	if p, ok := src.(partly); ok {
		return p.notesOn(indices)
	}
	return input.NotesOf(src)
}
