package report

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

const (
	// tempPrefix begins the name of everything that is not complete yet.
	tempPrefix = ".tmp-"
	// staleAfter is the age at which something incomplete has certainly been left by a dead process.
	staleAfter = time.Hour
)

// ownTemp matches what tempName makes: ".tmp-" and a name alone may be somebody else's.
var ownTemp = regexp.MustCompile(`^\.tmp-.+-[A-Z2-7]{26}$`)

// file is a file to be written.
type file struct {
	name string
	data []byte
}

// writeFolder makes a folder with the files in it, all at once. If it is there already, it stays as
// it is and existed is true.
func writeFolder(dir string, files []file) (existed bool, err error) {
	if existed, err = isFolder(dir); existed || err != nil {
		return existed, err
	}
	parent := filepath.Dir(dir)
	temp := filepath.Join(parent, tempName(filepath.Base(dir)))
	if err := os.Mkdir(temp, 0o777); err != nil {
		return false, err
	}
	defer os.RemoveAll(temp)
	for _, f := range files {
		if err := writeSynced(filepath.Join(temp, f.name), f.data); err != nil {
			return false, err
		}
	}
	if err := syncFolder(temp); err != nil {
		return false, err
	}
	if err := os.Rename(temp, dir); err != nil {
		// Another process may have been faster.
		if existed, _ := isFolder(dir); existed {
			return true, nil
		}
		return false, err
	}
	return false, syncFolder(parent)
}

// WriteFile writes or replaces a file, all at once: it is never half written. Its folder has to be there.
func WriteFile(path string, data []byte) error {
	if err := writeFile(path, data); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// writeFile writes or replaces a file, all at once. What is no regular file, such as /dev/null or a pipe, is written to as it is: a
// file in its place would be something else.
func writeFile(path string, data []byte) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s: expected a file, found a folder", path)
	case err == nil && !info.Mode().IsRegular():
		return writeInto(path, data)
	}
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, tempName(filepath.Base(path)))
	defer os.Remove(temp) // fails, as it should, once it is renamed
	if err := writeSynced(temp, data); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncFolder(dir)
}

func writeInto(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// tempName is a name that no other process or goroutine takes.
func tempName(name string) string {
	return tempPrefix + name + "-" + rand.Text()
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncFolder makes the names in a folder survive a loss of power, on systems that can.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) || errors.Is(err, os.ErrPermission) {
		return nil // Windows and some network file systems
	}
	return err
}

// makeFolder makes a folder and its parents, and says what is in the way if it cannot.
func makeFolder(dir string) error {
	err := os.MkdirAll(dir, 0o777)
	if err == nil {
		return nil
	}
	for at := dir; ; at = filepath.Dir(at) {
		if info, statErr := os.Stat(at); statErr == nil && !info.IsDir() {
			return fmt.Errorf("%s: expected a folder, found a file", at)
		}
		if at == filepath.Dir(at) {
			return fmt.Errorf("%s: expected a folder that can be written: %w", dir, err)
		}
	}
}

// isFolder reports whether there is a folder of this name. Something else of this name is an error.
func isFolder(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.IsDir():
		return false, fmt.Errorf("%s: expected a folder, found a file", path)
	}
	return true, nil
}

// removeStale removes what killed processes left in the folder. It does not matter when it fails:
// everything that reads ignores these names.
func removeStale(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !ownTemp.MatchString(e.Name()) {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
}

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
