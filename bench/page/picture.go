package page

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Picture is a picture below the tables of one section of the page.
type Picture struct {
	Section         string
	File, Alt, Text string
}

// Pictures are those of one page.
type Pictures struct {
	dir string
	all []Picture
}

// NewPictures are no pictures yet; their files go into a folder "images" of the page's folder.
func NewPictures(dir string) *Pictures { return &Pictures{dir: filepath.Join(dir, "images")} }

// Add writes the file of a picture. Without data and error there is nothing to draw, and nothing is added.
func (p *Pictures) Add(picture Picture, data []byte, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", picture.File, err)
	}
	if data == nil {
		return nil
	}
	p.all = append(p.all, picture)
	return WriteFile(filepath.Join(p.dir, picture.File), data)
}

// Of is the part of the page that shows the pictures of a section.
func (p *Pictures) Of(section string) string {
	var b strings.Builder
	for _, one := range p.all {
		if one.Section == section {
			fmt.Fprintf(&b, "\n![%s](images/%s)\n\n%s\n", one.Alt, one.File, one.Text)
		}
	}
	return b.String()
}
