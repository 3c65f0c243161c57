package report

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// File is a file to be written: its name inside a folder, and all of its content.
type File struct {
	Name string
	Data []byte
}

// WriteFiles writes files into the folder dir, which is made if it is not there, in place of earlier ones
// of the same names. No file is ever half written: all are written under other names first, and then
// renamed, in their order. It returns the paths of those that are in place.
func WriteFiles(dir string, files ...File) (paths []string, err error) {
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	removeStale(dir, time.Now())
	temps := make([]string, len(files))
	defer func() {
		for _, temp := range temps {
			_ = os.Remove(temp) // fails, as it should, once it is renamed
		}
	}()
	for i, f := range files {
		path := filepath.Join(dir, f.Name)
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, fmt.Errorf("report: %s: expected a file, found a folder", path)
		}
		temps[i] = filepath.Join(dir, tempName(f.Name))
		if err := writeSynced(temps[i], f.Data); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
	}
	for i, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := os.Rename(temps[i], path); err != nil {
			return paths, fmt.Errorf("report: %w", err)
		}
		paths = append(paths, path)
	}
	if err := syncFolder(dir); err != nil {
		return paths, fmt.Errorf("report: %w", err)
	}
	return paths, nil
}
