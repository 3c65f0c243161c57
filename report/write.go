package report

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	// tempPrefix begins the name of everything that is not complete yet.
	tempPrefix = ".tmp-"
	// staleAfter is the age at which something incomplete has certainly been left by a dead process, where that cannot be asked: it may
	// run on another machine.
	staleAfter = time.Hour
)

// ownTemp matches what tempName makes, and made in earlier versions, which named no process: ".tmp-" and a name alone may be somebody
// else's.
var ownTemp = regexp.MustCompile(`^\.tmp-.+?(?:-([0-9a-f]{8})\.([0-9]{1,10}))?-[A-Z2-7]{26}$`)

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
	return writeFileBy(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFileBy is writeFile for content that need not be in memory as a whole.
func writeFileBy(path string, content func(io.Writer) error) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s: expected a file, found a folder", path)
	case err == nil && !info.Mode().IsRegular():
		return writeInto(path, content)
	}
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, tempName(filepath.Base(path)))
	defer os.Remove(temp) // fails, as it should, once it is renamed
	if err := writeSyncedBy(temp, content); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncFolder(dir)
}

func writeInto(path string, content func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(content(f), f.Close())
}

// tempName is a name that no other process or goroutine takes. It tells whose it is, so that others see when its process is dead.
func tempName(name string) string {
	return fmt.Sprintf("%s%s-%s.%d-%s", tempPrefix, name, thisMachine(), os.Getpid(), rand.Text())
}

// thisMachine stands for what process IDs are unique on: a machine or, on Linux, the namespace of a container on it.
var thisMachine = sync.OnceValue(func() string {
	host, _ := os.Hostname()
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	sum := sha256.Sum256([]byte(host + "\x00" + namespace))
	return hex.EncodeToString(sum[:4])
})

// alive is false where there is certainly no process of that ID on this machine.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false // as Windows says
	}
	defer p.Release()
	return !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}

func writeSynced(path string, data []byte) error {
	return writeSyncedBy(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func writeSyncedBy(path string, content func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	return errors.Join(content(f), f.Sync(), f.Close())
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

// removeStale removes what killed processes left in the folder, and returns the folders in it. It does not matter when it fails:
// everything that reads ignores these names.
func removeStale(dir string, now time.Time) (folders []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case stale(e, now):
			_ = os.RemoveAll(path)
		case e.IsDir():
			folders = append(folders, path)
		}
	}
	return folders
}

// stale reports whether something incomplete was left by a dead process.
func stale(e os.DirEntry, now time.Time) bool {
	temp := ownTemp.FindStringSubmatch(e.Name())
	if temp == nil {
		return false
	}
	if pid, err := strconv.Atoi(temp[2]); err == nil && temp[1] == thisMachine() && pid > 0 && !alive(pid) {
		return true
	}
	info, err := e.Info()
	return err == nil && now.Sub(info.ModTime()) > staleAfter
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
