package modelfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// folder is where the files of a model lie. Names are relative to it, with slashes, and lead nowhere outside it.
type folder interface {
	// leaves tells why a file does not belong to the model; "" when it does.
	leaves(name string) (reason string)
	stat(name string) (fs.FileInfo, error)
	open(name string) (weightFile, error)
	// disk is the folder's path for programs that read files in it themselves; "" when it is not on disk, or when one of the
	// names is a link that leads out of it, which the runtime does not follow for a model that it is given in memory.
	disk(names []string) string
}

// weightFile is an open file of weights.
type weightFile interface {
	io.ReaderAt
	io.Closer
}

// File is a model's file, read, but not yet the files that it refers to.
type File struct {
	Path   string // for messages
	Data   []byte
	folder folder // nil for a model in memory
}

// Read reads a file on disk.
func Read(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		dir, name := filepath.Split(path)
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs // a relative one leaves open from where
		}
		return File{}, notRead(err, absent(os.DirFS(dir), name, dir))
	}
	if info.IsDir() {
		return File{}, errDirectory
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return File{}, notRead(err, "")
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return File{}, err
	}
	return File{Path: path, Data: data, folder: diskFolder{at}}, nil
}

// ReadFS reads a file in a file system.
func ReadFS(fsys fs.FS, name string) (File, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		text, where := "", "the file system"
		if dir := path.Dir(name); dir != "." {
			where = fmt.Sprintf("the folder %q of the file system", dir)
		}
		if sub, err := fs.Sub(fsys, path.Dir(name)); err == nil {
			text = absent(sub, path.Base(name), where)
		}
		return File{}, notRead(err, text)
	}
	if info.IsDir() {
		return File{}, errDirectory
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return File{}, notRead(err, "")
	}
	return File{Path: name, Data: data, folder: fsFolder{fsys, name}}, nil
}

// InMemory is a model without a folder. The name stands where a file's would.
func InMemory(name string, data []byte) File { return File{Path: name, Data: data} }

var errDirectory = errors.New("expected a file, found a directory")

// notRead drops from an error the path, which the message has already, and keeps the cause.
func notRead(err error, absent string) error {
	if errors.Is(err, fs.ErrNotExist) {
		if absent == "" {
			absent = "there is no such file"
		}
		return &missingError{"expected an ONNX file: " + absent}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("expected an ONNX file that can be read: %w", err)
}

// missingError is [fs.ErrNotExist] in better words.
type missingError struct{ text string }

func (e *missingError) Error() string { return e.text }
func (e *missingError) Unwrap() error { return fs.ErrNotExist }

// absent says that a file is not there, and which models are. where names the folder.
func absent(dir fs.FS, name, where string) string {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return fmt.Sprintf("there is no file %q, and no folder for it: %s", name, where)
	}
	var near []string
	for _, e := range entries {
		if !e.IsDir() && strings.EqualFold(path.Ext(e.Name()), ".onnx") {
			near = append(near, e.Name())
		}
	}
	if len(near) == 0 {
		return fmt.Sprintf("there is no file %q, and no other .onnx file, in %s", name, where)
	}
	slices.SortStableFunc(near, func(a, b string) int { return likeness(b, name) - likeness(a, name) })
	const most = 5
	more := ""
	if n := len(near) - most; n > 0 {
		near, more = near[:most], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("there is no file %q in %s, but %s%s", name, where, strings.Join(near, ", "), more)
}

// likeness is how much of their beginnings and ends two names share.
func likeness(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	n := min(len(a), len(b))
	front, back := 0, 0
	for front < n && a[front] == b[front] {
		front++
	}
	for back < n-front && a[len(a)-1-back] == b[len(b)-1-back] {
		back++
	}
	return front + back
}

// diskFolder is the folder of a model on disk, whose path it is.
type diskFolder struct{ model string }

func (d diskFolder) dir() string { return filepath.Dir(d.model) }

func (d diskFolder) disk(names []string) string {
	for _, name := range names {
		if !d.holds(name) {
			return ""
		}
	}
	return d.dir()
}

// holds reports whether the file lies in the folder itself, links followed.
func (d diskFolder) holds(name string) bool {
	real, err := filepath.EvalSymlinks(d.path(name))
	dir, err2 := filepath.EvalSymlinks(d.dir())
	return err == nil && err2 == nil && below(dir, real)
}

func (d diskFolder) path(name string) string {
	return filepath.Join(d.dir(), filepath.FromSlash(name))
}

func (d diskFolder) stat(name string) (fs.FileInfo, error) { return os.Stat(d.path(name)) }

func (d diskFolder) open(name string) (weightFile, error) { return os.Open(d.path(name)) }

// leaves follows links. Caches, such as that of Hugging Face, keep names in one folder and contents in another: the file of
// weights may also lie beside what the model's own name is a link to.
func (d diskFolder) leaves(name string) string {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "a name that is not valid on this system"
	}
	real, err := filepath.EvalSymlinks(d.path(name))
	if err != nil {
		return "" // it cannot be read, which is told elsewhere
	}
	if d.holds(name) {
		return ""
	}
	if model, err := filepath.EvalSymlinks(d.model); err == nil && below(filepath.Dir(model), real) {
		return ""
	}
	return "a link to " + real
}

func below(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}

// fsFolder is the folder of a model in a file system.
type fsFolder struct {
	fsys  fs.FS
	model string
}

func (f fsFolder) disk([]string) string { return "" }

func (f fsFolder) path(name string) string { return path.Join(path.Dir(f.model), name) }

func (f fsFolder) stat(name string) (fs.FileInfo, error) { return fs.Stat(f.fsys, f.path(name)) }

func (f fsFolder) open(name string) (weightFile, error) {
	file, err := f.fsys.Open(f.path(name))
	if err != nil {
		return nil, err
	}
	if w, ok := file.(weightFile); ok {
		return w, nil
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(file)
	return inMemory{bytes.NewReader(data)}, err
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func (f fsFolder) leaves(name string) string {
	real, ok := follow(f.fsys, f.path(name))
	if !ok {
		return ""
	}
	if inside(path.Dir(f.model), real) {
		return ""
	}
	for _, link := range []string{path.Dir(f.model), f.model} {
		if target, ok := follow(f.fsys, link); ok {
			if link == f.model {
				target = path.Dir(target)
			}
			if inside(target, real) {
				return ""
			}
		}
	}
	return "a link to " + real
}

func inside(dir, file string) bool {
	return dir == "." && fs.ValidPath(file) || strings.HasPrefix(file, dir+"/")
}

// follow resolves the links in a name, as far as the file system tells of them. A name that leads out of the file system is
// returned as it is; not ok means that the file cannot be read.
func follow(fsys fs.FS, name string) (real string, ok bool) {
	links, has := fsys.(fs.ReadLinkFS)
	if !has {
		return name, true
	}
	const mostLinks = 40
	done, todo := ".", strings.Split(name, "/")
	for steps := 0; len(todo) > 0; {
		next := todo[0]
		todo = todo[1:]
		switch next {
		case "", ".":
			continue
		case "..":
			if done == "." {
				return path.Join(append([]string{".."}, todo...)...), true
			}
			done = path.Dir(done)
			continue
		}
		at := path.Join(done, next)
		info, err := links.Lstat(at)
		if err != nil {
			return "", false
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = at
			continue
		}
		target, err := links.ReadLink(at)
		if steps++; err != nil || steps > mostLinks {
			return "", false
		}
		target = filepath.ToSlash(target)
		if path.IsAbs(target) || filepath.IsAbs(target) {
			return target, true
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return done, true
}
