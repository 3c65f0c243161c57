package sharedlib

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// extract writes one regular file of an archive (.tgz, or .zip and .whl) to a new file. Only that one is
// read, by its exact name, and the archive has no say in where it goes.
func extract(ctx context.Context, archive, member, to string) error {
	if strings.HasSuffix(archive, ".tgz") {
		return extractTar(ctx, archive, member, to)
	}
	return extractZip(ctx, archive, member, to)
}

func extractTar(ctx context.Context, archive, member, to string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	entries := tar.NewReader(readerWithContext{ctx, unzipped})
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return errNoMember(member)
		}
		if err != nil {
			return err
		}
		if strings.TrimPrefix(entry.Name, "./") == member && entry.Typeflag == tar.TypeReg {
			_, err := writeFile(to, entries)
			return err
		}
	}
}

func extractZip(ctx context.Context, archive, member, to string) error {
	entries, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer func() { _ = entries.Close() }()
	for _, entry := range entries.File {
		if entry.Name != member || !entry.Mode().IsRegular() {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return err
		}
		defer func() { _ = content.Close() }()
		_, err = writeFile(to, readerWithContext{ctx, content})
		return err
	}
	return errNoMember(member)
}

func errNoMember(member string) error {
	return fmt.Errorf("expected the file %s in it, found none", member)
}
