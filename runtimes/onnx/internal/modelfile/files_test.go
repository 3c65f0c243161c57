package modelfile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/proto"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/internal/modelfile"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxpb"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/onnxtest"
)

func loadFS(t *testing.T, fsys fs.FS, path string) *modelfile.Model {
	t.Helper()
	file, err := modelfile.ReadFS(fsys, path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := modelfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func loadPath(path string) (*modelfile.Model, error) {
	file, err := modelfile.Read(path)
	if err != nil {
		return nil, err
	}
	return modelfile.Load(file)
}

// tiny is a model y = x*w with two weights in w.bin, 4 bytes from its beginning.
func tiny(location string, entries ...string) *onnxpb.ModelProto {
	m := model(node("Mul", list("x", "w"), list("y")))
	w := &onnxpb.TensorProto{Name: proto.String("w"), DataType: proto.Int32(1), Dims: []int64{2}, DataLocation: onnxpb.TensorProto_EXTERNAL.Enum()}
	if len(entries) == 0 {
		entries = list("offset", "4", "length", "8")
	}
	for i, all := 0, append(list("location", location), entries...); i+1 < len(all); i += 2 {
		w.ExternalData = append(w.ExternalData, &onnxpb.StringStringEntryProto{Key: proto.String(all[i]), Value: proto.String(all[i+1])})
	}
	m.Graph.Initializer = []*onnxpb.TensorProto{w}
	return m
}

func write(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

var twelve = []byte("....abcdefgh")

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// TestAllFiles has weights in the main graph, in a subgraph and in a Constant, in several files and folders, at offsets.
func TestAllFiles(t *testing.T) {
	m := tiny("w.bin")
	elsewhere := func(location, offset string) *onnxpb.TensorProto {
		return tiny(location, "offset", offset).Graph.Initializer[0]
	}
	inner := branch("b", node("Mul", list("x", "w"), list("b")))
	inner.Initializer = []*onnxpb.TensorProto{elsewhere("./sub/u.bin", "0")}
	constant := node("Constant", nil, list("k"), &onnxpb.AttributeProto{Name: proto.String("value"), Type: onnxpb.AttributeProto_TENSOR.Enum(), T: elsewhere("sub/u.bin", "2")})
	m.Graph.Node = []*onnxpb.NodeProto{
		constant,
		node("Add", list("w", "k"), list("h")),
		node("If", list("c"), list("y"), subgraph("then_branch", inner), subgraph("else_branch", branch("e", node("Mul", list("x", "h"), list("e"))))),
	}
	dir := t.TempDir()
	graph := onnxtest.Bytes(t, m)
	path := write(t, filepath.Join(dir, "m.onnx"), graph)
	write(t, filepath.Join(dir, "w.bin"), twelve)
	under := []byte("ABCDEFGHIJ")
	write(t, filepath.Join(dir, "sub", "u.bin"), under)
	disk, err := loadPath(path)
	if err != nil {
		t.Fatal(err)
	}
	for where, loaded := range map[string]*modelfile.Model{"on disk": disk, "in a file system": loadFS(t, os.DirFS(dir), "m.onnx")} {
		lines := hexSum(graph) + "\n" + hexSum(under) + "\n" + hexSum(twelve) + "\n"
		if loaded.SHA256 != hexSum([]byte(lines)) {
			t.Errorf("%s: found hash %s, expected that of the hashes of all files in order, %s", where, loaded.SHA256, hexSum([]byte(lines)))
		}
		if want := int64(len(graph) + 22); loaded.Size != want || len(loaded.Parts) != 3 || loaded.Parts[0].Name != "m.onnx" || loaded.Parts[1].Name != "sub/u.bin" || loaded.Parts[2].Name != "w.bin" {
			t.Errorf("%s: found %d bytes in %+v, expected %d", where, loaded.Size, loaded.Parts, want)
		}
		got := loaded.Proto.GetGraph()
		for _, value := range []struct {
			tensor *onnxpb.TensorProto
			want   string
		}{
			{got.GetInitializer()[0], "abcdefgh"},
			{got.GetNode()[0].GetAttribute()[0].GetT(), "CDEFGHIJ"},
			{got.GetNode()[2].GetAttribute()[0].GetG().GetInitializer()[0], "ABCDEFGH"},
		} {
			if found := value.tensor; string(found.GetRawData()) != value.want || found.GetDataLocation() != onnxpb.TensorProto_DEFAULT || len(found.GetExternalData()) > 0 {
				t.Errorf("%s: found %v, expected the values %q", where, found, value.want)
			}
		}
		one, err := modelfile.Load(modelfile.InMemory("one.onnx", loaded.Runnable))
		if err != nil || one.Content != loaded.Content || one.Content == "" || len(one.Parts) != 0 {
			t.Errorf("%s: in one file: content %q, expected %q; %v", where, one.Content, loaded.Content, err)
		}
	}
	// Each file counts, and the place of its bytes.
	seen := map[string]bool{disk.SHA256: true}
	for _, name := range []string{"w.bin", "sub/u.bin"} {
		was, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for what, data := range map[string][]byte{"one byte": append([]byte("!"), was[1:]...), "one byte more": append(was[:len(was):len(was)], '!')} {
			write(t, filepath.Join(dir, name), data)
			again, err := loadPath(path)
			if err != nil || seen[again.SHA256] {
				t.Errorf("%s of %s: found a hash that was there before, or %v", what, name, err)
			}
			seen[again.SHA256] = true
		}
		write(t, filepath.Join(dir, name), was)
	}
}

// TestWeightsThatCannotBeRead has one clear error each, on disk and in a file system of Go.
func TestWeightsThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		model *onnxpb.ModelProto
		files map[string]string // beside it; "/" at the end makes a folder
		says  string
	}{
		"missing":               {tiny("w.bin"), nil, `weights "w": expected them in the file "w.bin" beside the model, found no such file`},
		"missing in a folder":   {tiny("sub/w.bin"), map[string]string{"w.bin": "."}, `"sub/w.bin" beside the model, found no such file`},
		"a folder":              {tiny("w.bin"), map[string]string{"w.bin/x": "."}, `the file "w.bin" beside the model, found a directory`},
		"a folder with a slash": {tiny("w.bin/"), map[string]string{"w.bin/x": "."}, `found a directory`},
		"cut off":               {tiny("w.bin"), map[string]string{"w.bin": "....abcdefg"}, `weights "w": expected the file "w.bin" to have at least 12 bytes, found 11`},
		"empty":                 {tiny("w.bin"), map[string]string{"w.bin": ""}, `at least 12 bytes, found 0`},
		"a Git LFS pointer":     {tiny("w.bin"), map[string]string{"w.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 246824\n"}, `the file "w.bin" beside the model, found a Git LFS pointer; fetch the file with git lfs pull`},
		"above the folder":      {tiny("../w.bin"), nil, `weights "w": expected them in a file in the model's folder, found "../w.bin"`},
		"above by a detour":     {tiny("sub/../../w.bin"), nil, `no file outside its folder`},
		"an absolute path":      {tiny("/etc/passwd"), nil, `found the absolute path "/etc/passwd"`},
		"a path of Windows":     {tiny(`sub\w.bin`), map[string]string{"sub/w.bin": string(twelve)}, `with / between folders, found "sub\\w.bin" with \`},
		"a drive of Windows":    {tiny("C:/w.bin"), nil, `found the absolute path "C:/w.bin"`},
		"no name":               {tiny(""), nil, `expected the name of the file that they lie in, found none`},
		"the folder itself":     {tiny("."), nil, `expected the name of a file`},
		"a name with a zero":    {tiny("w\x00.bin"), nil, `expected the name of a file`},
		"no number":             {tiny("w.bin", "offset", "x"), nil, `expected a whole number of at least 0 as their offset, found "x"`},
		"a negative offset":     {tiny("w.bin", "offset", "-4"), nil, `expected a whole number of at least 0 as their offset, found "-4"`},
		"a number too large":    {tiny("w.bin", "offset", "9223372036854775807"), nil, `found 8 bytes from 9223372036854775807 on`},
		"a length of another":   {tiny("w.bin", "length", "4"), nil, `expected 8 bytes for float [2] in the file "w.bin", found a length of 4`},
		"dimensions that overflow": {func() *onnxpb.ModelProto {
			m := tiny("w.bin")
			m.Graph.Initializer[0].Dims = []int64{1 << 40, 1 << 40}
			return m
		}(), nil, "expected dimensions that a tensor can have"},
		"negative dimensions": {func() *onnxpb.ModelProto {
			m := tiny("w.bin")
			m.Graph.Initializer[0].Dims = []int64{-2}
			return m
		}(), nil, "expected dimensions that a tensor can have"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fsys := fstest.MapFS{"m.onnx": {Data: onnxtest.Bytes(t, test.model)}}
			path := write(t, filepath.Join(dir, "m.onnx"), fsys["m.onnx"].Data)
			for file, data := range test.files {
				write(t, filepath.Join(dir, file), []byte(data))
				fsys[file] = &fstest.MapFile{Data: []byte(data)}
			}
			_, onDisk := loadPath(path)
			file, err := modelfile.ReadFS(fsys, "m.onnx")
			if err != nil {
				t.Fatal(err)
			}
			_, inFS := modelfile.Load(file)
			for where, err := range map[string]error{"on disk": onDisk, "in a file system": inFS} {
				if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "w.bin") > 2 {
					t.Errorf("%s: found the error %v; expected one line that says %s", where, err, test.says)
				}
				if strings.Contains(test.says, "no such file") != errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: expected fs.ErrNotExist where a file is not there, and only there, found %v", where, err)
				}
			}
		})
	}
	_, err := modelfile.Load(modelfile.InMemory("m.onnx", onnxtest.Bytes(t, tiny("w.bin"))))
	if err == nil || !strings.Contains(err.Error(), `expected a model in one file, found weights in the file "w.bin"`) {
		t.Errorf("in memory: found %v", err)
	}
}

func TestWeightsThatMayNotBeRead(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("whoever runs this may read every file")
	}
	dir := t.TempDir()
	path := onnxtest.Save(t, tiny("w.bin"), filepath.Join(dir, "m.onnx"))
	if err := os.Chmod(write(t, filepath.Join(dir, "w.bin"), twelve), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := loadPath(path); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), `a file "w.bin" beside the model that can be read: permission denied`) {
		t.Errorf("found %v", err)
	}
}

// TestLinks follows links that stay in the folder, or lead to where the model's own link leads, as in caches.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	root := t.TempDir()
	link := func(target, name string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	graph := onnxtest.Bytes(t, tiny("w.bin"))
	for _, file := range []string{"plain/m.onnx", "cache/blobs/1", "inside/m.onnx", "outside/m.onnx", "absolute/m.onnx", "folder/m.onnx", "circle/m.onnx"} {
		write(t, filepath.Join(root, file), graph)
	}
	for _, file := range []string{"plain/w.bin", "cache/blobs/2", "inside/real.bin", "secret.bin"} {
		write(t, filepath.Join(root, file), twelve)
	}
	link("../../../blobs/1", "cache/snapshots/main/onnx/m.onnx")
	link("../../../blobs/2", "cache/snapshots/main/onnx/w.bin")
	link("../../../blobs/1", "cache/snapshots/other/onnx/m.onnx")
	link("../../../../secret.bin", "cache/snapshots/other/onnx/w.bin")
	link("real.bin", "inside/w.bin")
	link("../secret.bin", "outside/w.bin")
	link(filepath.Join(root, "secret.bin"), "absolute/w.bin")
	link("plain", "linked")
	link("w.bin", "circle/w.bin")
	for path, refused := range map[string]string{
		"plain/m.onnx": "", "inside/m.onnx": "", "linked/m.onnx": "", "cache/snapshots/main/onnx/m.onnx": "",
		"outside/m.onnx": "found a link to", "absolute/m.onnx": "found a link to", "cache/snapshots/other/onnx/m.onnx": "found a link to",
		"circle/m.onnx": `"w.bin" beside the model that can be read`,
	} {
		_, onDisk := loadPath(filepath.Join(root, path))
		file, err := modelfile.ReadFS(os.DirFS(root), path)
		if err != nil {
			t.Fatal(err)
		}
		_, inFS := modelfile.Load(file)
		for where, err := range map[string]error{"on disk": onDisk, "in a file system": inFS} {
			if refused == "" && err != nil || refused != "" && (err == nil || !strings.Contains(err.Error(), refused) || !strings.Contains(err.Error(), `"w.bin"`)) {
				t.Errorf("%s, %s: found %v, expected the error %q", path, where, err, refused)
			}
		}
	}
}

// TestLargeInACache is put into one all the same: the runtime does not follow links that lead out of the folder.
func TestLargeInACache(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	was := modelfile.MostInOne
	modelfile.MostInOne = 10
	t.Cleanup(func() { modelfile.MostInOne = was })
	root := t.TempDir()
	write(t, filepath.Join(root, "blobs", "1"), onnxtest.Bytes(t, tiny("w.bin")))
	write(t, filepath.Join(root, "blobs", "2"), twelve)
	for name, target := range map[string]string{"m.onnx": "1", "w.bin": "2"} {
		if err := os.MkdirAll(filepath.Join(root, "main"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join("..", "blobs", target), filepath.Join(root, "main", name)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := loadPath(filepath.Join(root, "main", "m.onnx"))
	if err != nil || m.Folder != "" || string(m.Proto.GetGraph().GetInitializer()[0].GetRawData()) != "abcdefgh" {
		t.Errorf("found %+v, %v", m, err)
	}
}

// TestTooLargeForOne leaves large weights to the runtime, and puts small ones into the graph all the same.
func TestTooLargeForOne(t *testing.T) {
	m := onnxtest.Load(t, fixtures.Models, "lenet5.onnx")
	dir := t.TempDir()
	path := onnxtest.SaveExternal(t, m, filepath.Join(dir, "m.onnx"))
	whole, err := loadPath(path)
	if err != nil {
		t.Fatal(err)
	}
	was := modelfile.MostInOne
	modelfile.MostInOne = 10_000
	t.Cleanup(func() { modelfile.MostInOne = was })
	parted, err := loadPath(path)
	if err != nil {
		t.Fatal(err)
	}
	if parted.Folder != dir || whole.Folder != "" || parted.SHA256 != whole.SHA256 || parted.Content != whole.Content || len(parted.Runnable) > 20_000 {
		t.Errorf("found folder %q, hashes %s and %s, %d bytes; expected those of %q, %s and %s", parted.Folder, parted.SHA256, parted.Content, len(parted.Runnable), dir, whole.SHA256, whole.Content)
	}
	small, large := 0, 0
	for _, w := range parted.Proto.GetGraph().GetInitializer() {
		if w.GetDataLocation() == onnxpb.TensorProto_EXTERNAL {
			large++
		} else {
			small++
		}
	}
	if small == 0 || large == 0 {
		t.Errorf("found %d small and %d large tensors, expected both", small, large)
	}
	if m, err := parted.InOne(); err != nil || !proto.Equal(m, whole.Proto) {
		t.Errorf("in one: expected the whole model, found %v", err)
	}
}
