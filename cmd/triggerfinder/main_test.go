package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

// commandVariable makes the test binary the command itself.
const commandVariable = "TRIGGERFINDER_TEST_COMMAND"

// files is a folder with the models and the seeds that the tests share. They do not write into it.
var files string

func TestMain(m *testing.M) {
	if os.Getenv(commandVariable) != "" {
		main()
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "triggerfinder-command-")
		if err == nil {
			defer os.RemoveAll(dir)
			files = dir
			err = writeFiles(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

const seedCount = 24

func writeFiles(dir string) error {
	if err := os.CopyFS(dir, fixtures.Models); err != nil {
		return err
	}
	// A copy of LeNet-5 that differs in its documentation only: it never deviates.
	model, err := fs.ReadFile(fixtures.Models, fixtures.LeNet5Int8.Original)
	if err != nil {
		return err
	}
	const docString = 6<<3 | 2
	twin := append(bytes.Clone(model), docString, 4, 't', 'w', 'i', 'n')
	if err := os.WriteFile(filepath.Join(dir, "twin.onnx"), twin, 0o666); err != nil {
		return err
	}
	var pixels []byte
	var labels strings.Builder
	for i := range seedCount {
		seed, err := fixtures.Seeds().Seed(i)
		if err != nil {
			return err
		}
		img := image.NewGray(image.Rect(0, 0, 28, 28))
		for j, v := range seed.Input.Data {
			img.Pix[j] = byte(v)
		}
		pixels = append(pixels, img.Pix...)
		fmt.Fprintln(&labels, seed.Label)
		if i < 8 {
			if err := writePNG(img, filepath.Join(dir, "images", fmt.Sprintf("%02d.png", i))); err != nil {
				return err
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "labels.txt"), []byte(labels.String()), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "seeds.npy"), npy("|u1", fmt.Sprintf("(%d, 28, 28)", seedCount), pixels), 0o666)
}

func writePNG(img image.Image, path string) error {
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, data.Bytes(), 0o666)
}

func npy(descr, shape string, values []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape)
	data := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(data, header...), values...)
}

// result is what a command came to.
type result struct {
	code     int
	out, err string
}

// command runs a command line in this process. "@name" stands for one of the shared files.
func command(t *testing.T, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := run(expand(args), console{out: &out, err: &err})
	// Whatever it says, it says without names of packages and their options.
	if found := goWords.FindString(err.String() + out.String()); found != "" && !slices.Contains(args, "-") {
		t.Errorf("%q: expected no words of Go, found %q in\n%s%s", args, found, err.String(), out.String())
	}
	checkDocuments(t, out.Bytes(), args)
	return result{code, out.String(), err.String()}
}

// checkDocuments holds what a command wrote as JSON against its schema.
func checkDocuments(t *testing.T, out []byte, args []string) {
	t.Helper()
	for i, arg := range args[:max(len(args)-1, 0)] {
		path := args[i+1]
		if info, err := os.Stat(path); arg == "--out" && err == nil && info.IsDir() {
			dossiertest.CheckFolder(t, path)
		}
		if arg != "--json" {
			continue
		}
		if path != "-" {
			data, err := os.ReadFile(path)
			if err != nil {
				continue // the command could not write it
			}
			out = data
		}
		if _, err := dossiertest.Validate(out); err != nil {
			t.Errorf("--json %s: %v", path, err)
		}
	}
}

// goWords are prefixes of packages and names of their options. A command may be called like a package.
var goWords = regexp.MustCompile(`(?m)(^|[:;] |^triggerfinder: )(engine|generators|report|dossier|onnx|litert|process|ortlib|restore|gate|repair|shards|stats|triage): |\b(generators|onnx|litert|process|oip|engine|report)\.[A-Z]\w+`)

func expand(args []string) []string {
	var expanded []string
	for _, arg := range args {
		if name, ok := strings.CutPrefix(arg, "@"); ok {
			arg = filepath.Join(files, name)
		}
		expanded = append(expanded, arg)
	}
	return expanded
}

// running is a command line in a process of its own.
func running(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), exe, expand(args)...)
	c.Env = append(os.Environ(), commandVariable+"=1")
	c.Dir = t.TempDir()
	return c
}

func (r result) want(t *testing.T, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("expected exit code %d, found %d", code, r.code)
	}
	for _, part := range parts {
		if !strings.Contains(r.out+r.err, part) {
			t.Errorf("expected %q in the output", part)
		}
	}
	if t.Failed() {
		t.Fatalf("output:\n%s\nerrors:\n%s", r.out, r.err)
	}
}

// pairOf are the flags for LeNet-5 and another model.
func pairOf(compressed string, more ...string) []string {
	if compressed == "twin.onnx" {
		more = append(more, "--allow-identical")
	}
	return append([]string{"search", "--original", "@lenet5.onnx", "--compressed", "@" + compressed, "--scale", "1/255"}, more...)
}

var student = pairOf("lenet5-student.onnx", "--seeds", "@seeds.npy", "--n", "6", "--budget", "300")

func loadJSON(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatalf("expected JSON: %v\n%s", err, data)
	}
	return fields
}

func readJSON(t *testing.T, path string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return loadJSON(t, data)
}

// triggersIn lists the folders of the triggers of the only pair in a folder.
func triggersIn(t *testing.T, root string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*", "*", "trigger.json"))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		paths[i] = filepath.Dir(path)
	}
	return paths
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"help", "version"}} {
		command(t, args...).want(t, 0, "triggerfinder search --original MODEL")
	}
	for _, args := range [][]string{{"help", "search"}, {"search", "--help"}, {"search", "-h"}, {"search", "--n", "3", "-help"}} {
		r := command(t, args...)
		r.want(t, 0, "--shuffle")
		if r.err != "" {
			t.Errorf("%q: expected help on the standard output only, found %q", args, r.err)
		}
	}
	command(t, "replay", "x", "--help").want(t, 0, "triggerfinder replay DIR [flags]")
	r := command(t, "version")
	r.want(t, 0)
	if !regexp.MustCompile(`^triggerfinder \S+ go1\S* \w+/\w+\n$`).MatchString(r.out) {
		t.Errorf("found the version %q", r.out)
	}
	command(t, "help", "everything").want(t, 2, `expected search, replay, minimize, layers, merge, export, completion or nothing, found "everything"`)
}

func TestHelpHasEveryFlag(t *testing.T) {
	word := regexp.MustCompile(`--[a-z][a-z-]*`)
	for _, c := range theProgram(console{}).Commands {
		help := c.Help("triggerfinder")
		listed := map[string]bool{}
		for _, name := range word.FindAllString(help, -1) {
			listed[name[2:]] = true
		}
		for _, name := range c.Flags.Names() {
			if !strings.Contains(name, ".") && !listed[name] {
				t.Errorf("%s: the help is silent about --%s", c.Name, name)
			}
		}
		for name := range listed {
			if c.Flags.Value(name) == nil {
				t.Errorf("%s: the help speaks of --%s, which there is not", c.Name, name)
			}
		}
		for line := range strings.SplitSeq(help, "\n") {
			if len([]rune(line)) > 110 {
				t.Errorf("%s: the help has a line of more than 110 columns: %s", c.Name, line)
			}
		}
	}
}

func TestMisuse(t *testing.T) {
	dir := t.TempDir()
	search := func(more ...string) []string {
		return append(pairOf("lenet5-int8.onnx", "--seeds", "@seeds.npy"), more...)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "expected a command: search, replay, minimize, layers, merge, export, completion, version or help"},
		{[]string{"find"}, `expected a command: search, replay, minimize, layers, merge, export, completion, version or help, found "find"`},
		{[]string{"search"}, "search: --original, --compressed and --seeds: expected a value for each, found none"},
		{[]string{"search", "--original", "a"}, "search: --compressed and --seeds: expected a value for each, found none"},
		{[]string{"search", "--original", "a", "--compressed", "b"}, "--seeds: expected a value, found none"},
		{[]string{"serach"}, `found "serach"; did you mean search?`},
		{search("--strategy", "bondary"), `found "bondary"; did you mean boundary?`},
		{search("--oracle", "treshold=0.5"), "did you mean threshold?"},
		{search("--compressed.scroes", "raw"), "search: --compressed.scroes: there is no such flag; did you mean --compressed.scores?"},
		{search("images"), `search: expected flags only, found "images"`},
		{search("--", "--n"), `search: expected flags only, found "--n"`},
		{search("--sedes", "x"), "--sedes: there is no such flag; did you mean --seeds?"},
		{search("--n"), "--n: expected a value, found none"},
		{search("--n", "0"), `--n: expected a whole number of at least 1, found "0"`},
		{search("--n", "many"), `--n: expected a whole number of at least 1, found "many"`},
		{search("--n", "99999999999"), `--n: expected a whole number`},
		{search("--skipped-at-most", "30"), `--skipped-at-most: expected a share from 0 to 1 such as 0.25, found "30"`},
		{search("--shuffle=perhaps"), `--shuffle: expected true or false, found "perhaps"`},
		{search("--resize", "28,cubic"), `--resize: expected the short side such as 256 or 256,bicubic, or WIDTHxHEIGHT such as 224x224, at most 16384 each, found "28,cubic"`},
		{search("--resize", "0x28"), "--resize: expected the short side"},
		{search("--resize", "0"), "--resize: expected the short side"},
		{search("--resize", "28x28,bicubic"), "--resize: expected the short side"},
		{search("--resize", "99999x28"), "--resize: expected the short side"},
		{search("--resize", "99999"), "--resize: expected the short side"},
		{search("--crop", "0"), `--crop: expected a side such as 224, or WIDTHxHEIGHT such as 640x480, at most 16384 each, found "0"`},
		{search("--letterbox", "1x"), "--letterbox: expected a side such as 224"},
		{search("--letterbox", "28", "--crop", "28"), "expected either --letterbox or --crop, found both"},
		{search("--letterbox", "28", "--resize", "28"), "expected either --letterbox or --resize, found both"},
		{search("--preset", "torchvision:224,256"), `--preset: expected torchvision:256,224, torchvision:256,224,bicubic, keras:224,MODE`},
		{search("--preset", "torchvision:256"), "--preset: expected torchvision:256,224"},
		{search("--preset", "keras:224,fancy"), `yolo:640, found "keras:224,fancy"`},
		{search("--original.preset", "yolo"), `--original.preset: expected torchvision:256,224`},
		{search("--preset", "yolo:28", "--crop", "28"), "expected either --preset or --crop, found both: the preset says how seeds are prepared"},
		{search("--preset", "yolo:28", "--compressed.preset", "tflite:28"), "--preset: expected one geometry for both models, which see the same seeds, found letterboxed in 28 x 28 and middle square, stretched to 28 x 28"},
		{search("--domain", "1,0"), `--domain: expected MIN,MAX or MIN,MAX,STEP, such as 0,1 or 0,255,1, found "1,0"`},
		{search("--domain", "0"), "--domain: expected MIN,MAX"},
		{search("--key", ""), `--key: expected a value, found ""`},
		{search("--strategy", "luck"), `--strategy: expected boundary, triggerfinder, diffchaser, random or square, found "luck"`},
		{search("--strategy", "triggerfinder", "--mode", "secret"), `--mode: expected published or released, found "secret"`},
		{search("--mode", "released"), "--mode: expected it with --strategy triggerfinder only, found --strategy boundary"},
		{search("--within", "linf"), `--within: "linf": expected a number, found ""`},
		{search("--within", "linf=8,ssim=much"), `--within: "ssim=much": expected a number, found "much"`},
		{search("--within", "linf=-1"), `--within: "linf=-1": `},
		{search("--within", "inf=1"), `--within: "inf=1": expected linf=, l2=, l0= or ssim= and a number, found "inf"`},
		{search("--aim", "far"), `--aim: expected ssim, l2, linf or l0, found "far"`},
		{search("--budget", "0"), `--budget: expected a whole number of at least 1, found "0"`},
		{search("--closing", "-1"), `--closing: expected a whole number of at least 0, found "-1"`},
		{search("--stop-after", "x"), "--stop-after: expected a whole number of at least 0"},
		{search("--time", "60"), `--time: expected a time above 0 such as 60s or 5m, found "60"`},
		{search("--time", "-1s"), "--time: expected a time above 0"},
		{search("--random-seed", "-1"), `--random-seed: expected a whole number of at least 0, found "-1"`},
		{search("--workers", "0"), "--workers: expected a whole number of at least 1"},
		{search("--batch", "0"), "--batch: expected a whole number of at least 1"},
		{search("--window", "0"), "--window: expected a whole number of at least 1"},
		{search("--memory", "2GX"), `--memory: expected a size of memory such as 512MiB, 2GB or 1000000000, found "2GX"`},
		{search("--memory", "0"), `--memory: expected a size of memory such as 512MiB, 2GB or 1000000000, found "0"`},
		{search("--threads", "0"), "--threads: expected a whole number of at least 1"},
		{search("--min-confidence", "1.5"), `--min-confidence: expected a number above 0 and at most 1, found "1.5"`},
		{search("--min-gap", "0"), "--min-gap: expected a number above 0 and at most 1"},
		{search("--tolerance", "half"), `--tolerance: expected absolute=A, relative=R, relative=R from F on or cosine=D, found "half"`},
		{search("--tolerance", "absolute=0"), `--tolerance: absolute 0: expected a tolerance above 0`},
		{search("--tolerance", "absolute=1", "--min-gap", "0.5"), "--tolerance: expected it without --label-only, --min-confidence and --min-gap"},
		{search("--tolerance-of", "boxes"), "--tolerance-of: expected --tolerance with it"},
		{search("--tolerance", "absolute=1", "--tolerance-of", "a,a"), "--tolerance-of: "},
		{search("--label-only", "--min-gap", "0.5"), "--label-only: expected it without --min-confidence and --min-gap"},
		{search("--class-names", "nosuchfile"), `--class-names: expected names by comma, or a file with a name a line, found "nosuchfile"`},
		{search("--save", "some"), `--save: expected a whole number of at least 0, or "all", found "some"`},
		{search("--scale", "1/0"), `--scale: expected numbers by comma, such as 1/255 or 0.485,0.456,0.406, found "1/0"`},
		{search("--scale", "0"), `--scale: expected numbers other than 0, found "0"`},
		{search("--original.mean", "1,x"), "--original.mean: expected numbers by comma"},
		{search("--compressed.std", "1,0"), "--compressed.std: expected numbers other than 0"},
		{search("--layout", "CHWN"), `--layout: expected NCHW or NHWC, found "CHWN"`},
		{search("--channels", "GRB"), "--channels: expected RGB or BGR"},
		{search("--scores", "marks"), "--scores: expected logits, probabilities, log-probabilities or raw"},
		{search("--grey-to-rgb=x"), "--grey-to-rgb: expected true or false"},
		{search("--exact-products=x"), "--exact-products: expected true or false"},
		{search("--provider", "cuda,device"), "--provider: expected the name of an execution provider, with settings of its own by comma, such as cuda,device_id=0"},
		{search("--quantized-input", "0.1"), "--quantized-input: expected SCALE,ZERO"},
		{search("--quantized-output", "-1,0"), "--quantized-output: expected SCALE,ZERO"},
		{search("--shuffle", "--in-order"), "search: expected either --shuffle or --in-order, found both"},
		{search("--labels", "a", "--label-key", "b"), "expected either --labels or --label-key, found both"},
		{search("--labels", "a", "--class-map", "b"), "expected either --labels or --class-map, found both"},
		{search("--no-labels", "--labels", "a"), "expected either --no-labels or --labels, found both"},
		{search("--no-labels", "--class-map", "a"), "expected either --no-labels or --class-map, found both"},
		{search("--no-labels", "--label-key", "a"), "expected either --no-labels or --label-key, found both"},
		{search("--upright=2"), "--upright: expected true or false"},
		{search("--output", ""), "--output: expected the name of an output"},
		{[]string{"replay"}, "replay: expected one folder of saved triggers, found 0"},
		{[]string{"replay", "a", "b"}, "replay: expected one folder of saved triggers, found 2"},
		{[]string{"replay", "--", "a", "--n"}, `replay: expected one folder of saved triggers, found 2: ["a" "--n"]`},
		{[]string{"replay", "a", "--seeds", "b"}, "replay: --seeds: there is no such flag"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Chdir(dir)
			r := command(t, test.args...)
			r.want(t, 2, test.want, "See triggerfinder help")
			if lines := strings.Count(r.err, "\n"); lines != 2 || r.out != "" {
				t.Errorf("expected a line and a hint, found %d lines:\n%s%s", lines, r.err, r.out)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing, text := filepath.Join(dir, "missing"), put("notes.md", []byte("hello"))
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o777); err != nil {
		t.Fatal(err)
	}
	search := func(original, compressed, seeds string, more ...string) []string {
		return append([]string{"search", "--original", original, "--compressed", compressed, "--seeds", seeds, "--budget", "20"}, more...)
	}
	const a, b, seeds = "@lenet5.onnx", "@lenet5-int8.onnx", "@seeds.npy"
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"no original", search(missing, b, seeds), []string{"missing", "expected an ONNX file"}},
		{"no compressed", search(a, missing, seeds), []string{"missing", "expected an ONNX file"}},
		{"no ONNX", search(a, text, seeds), []string{"notes.md"}},
		{"the same twice", search(a, a, seeds), []string{"original and compressed are the same model"}},
		{"no seeds", search(a, b, missing), []string{"missing"}},
		{"other seeds", search(a, b, text), []string{"notes.md: expected a folder of PNG, JPEG, WebP, BMP, TIFF, GIF or PPM files, or of WAV files, or a file in the format NPY, NPZ, IDX (also .gz), CIFAR"}},
		{"empty folder", search(a, b, empty), []string{"empty", "found none"}},
		{"floats", search(a, b, put("f.npy", npy("<f4", "(1, 28, 28)", make([]byte, 4*784)))), []string{"f.npy", "expected --domain MIN,MAX, which gives the domain"}},
		{"key of no archive", search(a, b, seeds, "--key", "x"), []string{"--key is for NPZ files"}},
		{"no labels", search(a, b, seeds, "--labels", missing), []string{"missing"}},
		{"few labels", search(a, b, seeds, "--labels", put("few.txt", []byte("1\n2\n"))), []string{"few.txt: expected 24 labels, one a seed, found 2"}},
		{"unusable seeds", search(a, b, put("wide.npy", npy("|u1", "(1, 28, 29)", make([]byte, 812))), "--scale", "1/255"), []string{"no usable seeds", "expected an input of"}},
		{"colour seeds", search(a, b, put("rgb.npy", npy("|u1", "(1, 28, 28, 3)", make([]byte, 3*784)))), []string{"the model takes grey images"}},
		{"folder for JSON", search(a, b, seeds, "--json", dir), []string{"--json " + dir + ": expected a file, found a folder"}},
		{"no folder for JSON", search(a, b, seeds, "--json", filepath.Join(missing, "r.json")), []string{"expected a file in a folder that exists, found no folder " + missing}},
		{"a file for --out", search(a, b, seeds, "--out", text), []string{"--out " + text, "expected a folder, found a file"}},
		{"a wrong layout", search(a, b, seeds, "--layout", "NHWC"), []string{"lenet5"}},
		{"a budget too small", search(a, "@twin.onnx", seeds, "--scale", "1/255", "--budget", "100000000", "--time", "1ms", "--allow-identical"), []string{"inconclusive search"}},
		{"nothing to replay", []string{"replay", missing}, []string{"expected a folder of saved triggers", "missing"}},
		{"a file to replay", []string{"replay", text}, []string{"notes.md: expected a folder of saved triggers, found a file"}},
		{"an empty folder to replay", []string{"replay", empty}, []string{"empty: expected saved triggers, found none"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := command(t, test.args...)
			r.want(t, 2, test.want...)
			if strings.Contains(r.err, "See triggerfinder help") || strings.Contains(r.err, "onnx.") || r.out != "" {
				t.Errorf("expected no hint at the help, no Go and no output, found:\n%s\n%s", r.err, r.out)
			}
		})
	}
}

func TestSearchAndReplay(t *testing.T) {
	dir := t.TempDir()
	out, file := filepath.Join(dir, "triggers"), filepath.Join(dir, "r.json")
	names := filepath.Join(dir, "names.txt")
	if err := os.WriteFile(names, []byte(strings.Join(fixtures.ClassNames(), "\r\n")+"\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := command(t, append(student, "--out", out, "--json", file, "--save", "2", "--class-names", names, "--labels", "@labels.txt",
		"--random-seed", "18446744073709551615")...)
	pairDir := filepath.Join(out, "lenet5-vs-lenet5-student")
	r.want(t, 1, "lenet5-vs-lenet5-student: 6 of 6 seeds have a trigger", ", truly ", "original says ",
		"2 triggers saved in "+pairDir, "Report: ", "Pictures: ", "triggers.png", "Result: "+file,
		"To replay: triggerfinder replay "+pairDir)
	if r.err != "" {
		t.Errorf("expected nothing on the error stream, found %q", r.err)
	}
	saved := triggersIn(t, out)
	if len(saved) != 2 {
		t.Fatalf("expected 2 triggers, found %q", saved)
	}
	checkResult(t, readJSON(t, file), saved)

	// The other way round: the triggers deviate, until the compressed model is mended.
	for _, where := range []string{out, pairDir} {
		command(t, "replay", where).want(t, 1, "still deviates  "+saved[0]+": original says ", "Still deviating: 2 of 2 triggers; oracle top-1.")
	}
	command(t, "replay", saved[1], "--class-names", "a,b,c,d,e,f,g,h,i,j").want(t, 1, "Still deviating: 1 of 1 trigger")
	r = command(t, "replay", "--compressed", "@twin.onnx", out)
	r.want(t, 0, "healed          "+saved[0]+": both say ", "Still deviating: 0 of 2 trigger",
		"compressed model "+filepath.Join(files, "twin.onnx")+": --scale 1/255, as in the search")
	command(t, "replay", out, "--min-confidence", "1").want(t, 2, "never deviated  "+saved[0]+": original says ",
		"nothing was judged: 2 never deviated by top-1 with the original at least 1 confident; that none deviates now says nothing")
	command(t, "replay", out, "--within", "linf=0.5").want(t, 2, "outside         "+saved[0]+"\n", "nothing was judged: 2 outside LInf 0.5; ")
	r = command(t, "replay", out, "--quiet")
	r.want(t, 1)
	if r.out+r.err != "" {
		t.Errorf("--quiet: expected nothing, found %q and %q", r.out, r.err)
	}
}

// number is a number in JSON, NaN where there is none.
func number(object map[string]any, path ...string) float64 {
	at := any(object)
	for _, step := range path {
		object, _ := at.(map[string]any)
		at = object[step]
	}
	if v, ok := at.(float64); ok {
		return v
	}
	return math.NaN()
}

// checkResult checks what --json has written about a search of 6 seeds that all have a trigger.
// Numbers as they are have no labels: they are judged by a tolerance, from the search to the replay.
func TestRawNumbersAreJudgedByATolerance(t *testing.T) {
	out := t.TempDir()
	raw := []string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--scale", "1/255", "--seeds", "@seeds.npy", "--n", "4",
		"--scores", "raw", "--budget", "100"}
	r := command(t, raw...)
	if r.code != 2 || !strings.Contains(r.err, "of both models; for anything else say what a deviation is: --oracle tolerance=absolute:A compares numbers, threshold=T what") || strings.Contains(r.err, "answer.") {
		t.Errorf("code %d, error %q", r.code, r.err)
	}
	judged := []string{"--tolerance", "cosine=0.0001", "--tolerance-of", "logits"}
	command(t, append(append(raw, "--out", out), judged...)...).want(t, 1, "oracle        tolerance cosine 0.0001 of logits", "logits in another direction",
		"original says a vector of 10 numbers (logits), compressed says one at cosine distance 0.0")
	folder := filepath.Join(out, "lenet5-vs-lenet5-int8")
	command(t, append([]string{"replay", folder}, judged...)...).want(t, 1, "still deviates", "original says a vector of 10 numbers (logits)", "oracle tolerance cosine 0.0001 of logits.")
	command(t, append([]string{"minimize", folder, "--budget", "50"}, judged...)...).want(t, 0, "compressed says one at cosine distance 0.0")
	command(t, "export", folder, "--out", filepath.Join(out, "t.npz")).want(t, 0)
	// Without a flag, they are judged by what found them.
	command(t, "replay", folder).want(t, 1, "still deviates", "oracle tolerance cosine 0.0001 of logits.")
	command(t, "replay", folder, "--oracle", "tolerance=cosine:1.5").want(t, 2, "never deviated by tolerance cosine 1.5")
}

// An oracle of its own text is judged by from the search to the replay, where nobody has to say it again.
func TestOracleOfAThreshold(t *testing.T) {
	out := t.TempDir()
	search := []string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--scale", "1/255", "--seeds", "@seeds.npy", "--n", "8",
		"--budget", "300", "--out", out}
	command(t, append(search, "--oracle", "threshold=0.5,number:7,apart:0.01")...).want(t, 1, "oracle        threshold 0.5, apart 0.01, number 7", "across 0.5")
	folder := filepath.Join(out, "lenet5-vs-lenet5-int8")
	command(t, "replay", folder).want(t, 1, "still deviates", "across 0.5", "oracle threshold 0.5, apart 0.01, number 7.")
	command(t, "replay", folder, "--label-only").want(t, 1, "never deviated by label-only", "oracle label-only.")
	command(t, "minimize", folder, "--budget", "30").want(t, 0, "across 0.5")
	other := append([]string(nil), search...)
	command(t, append(other, "--oracle", "threshold=0.25,number:7")...).want(t, 1)
	r := command(t, "replay", folder)
	if r.code != 2 || !strings.Contains(r.err, "--oracle: expected it, as the triggers of "+folder+" were found by several, found none: threshold 0.") {
		t.Errorf("code %d, error %q", r.code, r.err)
	}
	for _, test := range []struct{ args, says string }{
		{"--oracle=threshold=x", `--oracle: threshold: expected a number, found "x"`},
		{"--oracle=fast", `--oracle: expected an oracle such as top-1`},
		{"--oracle=top-2 --min-gap=0.5", "--oracle: expected it without --min-gap"},
		{"--oracle=top-2 --tolerance=absolute=1", "--oracle: expected it without --tolerance"},
	} {
		if r := command(t, append(search, strings.Fields(test.args)...)...); r.code != 2 || !strings.Contains(r.err, test.says) {
			t.Errorf("%s: code %d, error %q", test.args, r.code, r.err)
		}
	}
}

func checkResult(t *testing.T, fields map[string]any, saved []string) {
	t.Helper()
	for _, name := range []string{
		"success_rate", "wall_s", "model_s", "overhead", "queries_per_s", "queries.median", "queries.mean", "queries.p90",
		"queries.max", "ssim.median", "ssim.p10", "l2.median", "linf.median", "first_hit.queries.median", "first_hit.queries.mean",
		"first_hit.queries.p90", "first_hit.queries.max", "first_hit.ssim.median", "first_hit.ssim.p10",
	} {
		if v := number(fields, strings.Split(name, ".")...); math.IsNaN(v) {
			t.Errorf("%s: expected a number", name)
		}
	}
	if spent, first := number(fields, "queries", "median"), number(fields, "first_hit", "queries", "median"); !(spent > first) {
		t.Errorf("expected closing in after the first hits, found medians of %g and %g queries", spent, first)
	}
	for name, want := range map[string]any{
		"format": "triggerfinder-search", "version": 2.0, "pair": "lenet5-vs-lenet5-student", "status": "all-searched",
		"partial": false, "seeds": 6.0, "usable": 6.0, "found": 6.0, "success_rate": 1.0, "oracle": "top-1",
	} {
		if fields[name] != want {
			t.Errorf("%s: expected %v, found %v", name, want, fields[name])
		}
	}
	versions, _ := fields["versions"].(map[string]any)
	for _, name := range []string{"triggerfinder", "go", "onnxruntime"} {
		if text, _ := versions[name].(string); text == "" {
			t.Errorf("versions: there is no %s", name)
		}
	}
	options, _ := fields["options"].(map[string]any)
	for _, name := range defineSearch().Names() {
		if _, ok := options[name]; !ok {
			t.Errorf("options: there is no %s", name)
		}
	}
	for name, want := range map[string]any{
		"n": 6.0, "budget": 300.0, "closing": 300.0, "strategy": "boundary", "mode": "", "scale": "1/255", "aim": "ssim",
		"original.scale": "1/255", "compressed.scale": "1/255", "save": 2.0, "label-only": false, "batch": 32.0, "time": "",
	} {
		if options[name] != want {
			t.Errorf("options: %s: expected %v, found %v", name, want, options[name])
		}
	}
	seeds, _ := fields["per_seed"].([]any)
	if len(seeds) != 6 {
		t.Fatalf("per_seed: expected 6, found %d", len(seeds))
	}
	dirs := 0
	for i, seed := range seeds {
		seed := seed.(map[string]any)
		trigger, hit := seed["trigger"].(map[string]any), seed["first_hit"].(map[string]any)
		if seed["index"] != float64(i) || seed["name"] != fmt.Sprintf("seeds.npy[%d]", i) || seed["status"] != "triggered" {
			t.Errorf("seed %d: found %v", i, seed)
		}
		for _, name := range []string{"queries", "ssim", "l2", "linf", "l0"} {
			if _, ok := hit[name].(float64); !ok {
				t.Errorf("seed %d: first_hit: there is no %s", i, name)
			}
			if _, ok := trigger[name].(float64); !ok {
				t.Errorf("seed %d: trigger: there is no %s", i, name)
			}
		}
		if trigger["original_label"] == trigger["compressed_label"] || trigger["original_confidence"] == nil || trigger["compressed_confidence"] == nil {
			t.Errorf("seed %d: trigger: found %v", i, trigger)
		}
		if dir, _ := trigger["dir"].(string); dir != "" {
			dirs++
			if filepath.Base(dir) != trigger["id"] || !report.IsTrigger(dir) {
				t.Errorf("seed %d: trigger %s: found the folder %s", i, trigger["id"], dir)
			}
		}
	}
	if dirs != len(saved) {
		t.Errorf("expected %d triggers with a folder, found %d", len(saved), dirs)
	}
}

// The result alone is on the standard output, so that it can be piped.
func TestJSONToStandardOutput(t *testing.T) {
	r := command(t, pairOf("lenet5-student.onnx", "--seeds", "@images", "--json", "-", "--budget", "300")...)
	r.want(t, 1)
	fields := loadJSON(t, []byte(r.out))
	if fields["seeds"] != 8.0 || !strings.Contains(r.err, "8 of 8 seeds have a trigger") || !strings.Contains(r.err, "Nothing is saved; --out DIR keeps") {
		t.Errorf("expected the summary of 8 seeds on the error stream, found %v and:\n%s", fields["seeds"], r.err)
	}
	r = command(t, pairOf("lenet5-student.onnx", "--seeds", "@images", "--json", "-", "--budget", "300", "--quiet", "--n", "2")...)
	r.want(t, 1)
	if fields := loadJSON(t, []byte(r.out)); fields["seeds"] != 2.0 || r.err != "" {
		t.Errorf("--quiet: found %v and %q", fields["seeds"], r.err)
	}
}

func TestNothingFound(t *testing.T) {
	dir := t.TempDir()
	r := command(t, pairOf("twin.onnx", "--seeds", "@images", "--budget", "30", "--within", "linf=8", "--out", dir, "--json", filepath.Join(dir, "r.json"))...)
	r.want(t, 0, "lenet5-vs-twin: no trigger in ", "Nothing was found. That is no proof that there is nothing.", "Report: ")
	fields := readJSON(t, filepath.Join(dir, "r.json"))
	if fields["found"] != 0.0 || fields["queries"] != nil || fields["success_rate"] != 0.0 || fields["bound"] == nil {
		t.Errorf("found %v, %v, %v, %v", fields["found"], fields["queries"], fields["success_rate"], fields["bound"])
	}
	if saved := triggersIn(t, dir); len(saved) != 0 {
		t.Errorf("expected no triggers, found %q", saved)
	}
}

// Seeds that could not be used stand in the headline and in the result; many of them are an error.
func TestSkippedSeeds(t *testing.T) {
	dir := t.TempDir()
	images, file := filepath.Join(dir, "images"), filepath.Join(dir, "r.json")
	if err := os.CopyFS(images, os.DirFS(filepath.Join(files, "images"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.png", "b.png"} {
		if err := os.WriteFile(filepath.Join(images, name), []byte("no picture"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	args := pairOf("lenet5-pruned.onnx", "--seeds", images, "--budget", "30", "--within", "linf=1", "--json", file)
	command(t, args...).want(t, 2, "too many seeds skipped: 2 of ", "unless --skipped-at-most accepts more", "2 because: ")
	command(t, append(args, "--skipped-at-most", "1")...).want(t, 0, "; 2 of ", " seeds were skipped\n", "2 skipped because: ")
	fields := readJSON(t, file)
	if reasons, _ := fields["skip_reasons"].([]any); fields["skipped"] != 2.0 || len(reasons) != 1 {
		t.Errorf("found %v, %v", fields["skipped"], fields["skip_reasons"])
	}
	command(t, pairOf("twin.onnx", "--seeds", "@images", "--within", "linf=0.03")...).want(t, 2, "the smallest useful one is LInf 1; 0.03 of the range is LInf 7.65")
}

// A search that could not tell anything leaves a result that says so.
func TestErrorInTheResult(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.json")
	command(t, pairOf("twin.onnx", "--seeds", "@seeds.npy", "--budget", "1000000", "--time", "1ms", "--json", file)...).want(t, 2)
	fields := readJSON(t, file)
	if text, _ := fields["error"].(string); !strings.Contains(text, "inconclusive") || fields["partial"] != true || fields["status"] != "time-limit" {
		t.Errorf("found %v, %v, %v", fields["error"], fields["partial"], fields["status"])
	}
}

func TestStrategies(t *testing.T) {
	for _, test := range []struct {
		args    []string
		closing float64
	}{
		{[]string{"--strategy", "boundary"}, 40},
		{[]string{"--strategy", "boundary", "--closing", "0"}, 0},
		{[]string{"--strategy", "boundary", "--closing", "7"}, 7},
		{[]string{"--strategy", "TriggerFinder"}, 0},
		{[]string{"--strategy", "triggerfinder", "--mode", "released"}, 0},
		{[]string{"--strategy", "diffchaser"}, 0},
		{[]string{"--strategy", "random"}, 0},
		{[]string{"--strategy", "square"}, 0},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			r := command(t, pairOf("lenet5-student.onnx", append(test.args, "--seeds", "@seeds.npy", "--n", "4", "--budget", "40", "--json", "-")...)...)
			if r.code == exitError {
				t.Fatal(r.err)
			}
			fields := loadJSON(t, []byte(r.out))
			options := fields["options"].(map[string]any)
			name := strings.ToLower(test.args[1])
			if text, _ := fields["strategy"].(string); !strings.HasPrefix(text, name) || options["strategy"] != name {
				t.Errorf("found the strategy %q, option %v", text, options["strategy"])
			}
			if options["closing"] != test.closing {
				t.Errorf("closing: expected %g, found %v", test.closing, options["closing"])
			}
			if first, last := number(fields, "first_hit", "queries", "max"), number(fields, "queries", "max"); name == boundary && (test.closing == 0) != (last == first) {
				t.Errorf("closing %g: found %g queries, and the first hits at %g", test.closing, last, first)
			}
			if name == triggerFinder && !strings.HasSuffix(fields["strategy"].(string), options["mode"].(string)) {
				t.Errorf("mode: found %v and %v", fields["strategy"], options["mode"])
			}
		})
	}
}

func TestOptionsReachTheSearch(t *testing.T) {
	args := append(student, "--within", "linf=16", "--min-confidence", "0.4", "--aim", "l2", "--random-seed", "7", "--workers", "1",
		"--batch", "5", "--window", "9", "--memory", "1.5GiB", "--stop-after", "1", "--time", "1m", "--json", "-", "--n", "12", "--budget", "200", "--closing", "3",
		"--pair", "Our Pair", "--threads", "2")
	fields := loadJSON(t, []byte(command(t, args...).out))
	if fields["pair"] != "Our Pair" || fields["oracle"] == "top-1" || fields["bound"] == nil {
		t.Errorf("found %v, %v, %v", fields["pair"], fields["oracle"], fields["bound"])
	}
	model := fields["models"].(map[string]any)["original"].(map[string]any)["settings"].(map[string]any)
	if model["threads"] != "2" || model["preprocess"] != "x * 0.00392157" {
		t.Errorf("found %v", model)
	}

	f := defineSearch()
	if err := f.parse(expand(args[1:])); err != nil {
		t.Fatal(err)
	}
	s := f.settings(answer.Top1())
	if s.Budget != (engine.Budget{QueriesPerSeed: 200, ClosingQueriesPerSeed: 3, Time: 60e9}) || s.RandomSeed != 7 || s.Workers != 1 ||
		s.BatchSize != 5 || s.Window != 9 || s.Memory != 3<<29 || s.StopAfter != 1 || s.Aim != distance.NearestL2 || s.Bound == nil {
		t.Errorf("found %+v", s)
	}

	fields = loadJSON(t, []byte(command(t, append(student, "--label-only", "--json", "-")...).out))
	if fields["oracle"] != "label-only" {
		t.Errorf("--label-only: found the oracle %v", fields["oracle"])
	}
}

func TestModelFlags(t *testing.T) {
	describe := func(args ...string) (original, compressed map[string]any) {
		t.Helper()
		r := command(t, append([]string{"search", "--seeds", "@seeds.npy", "--n", "4", "--budget", "30", "--json", "-"}, args...)...)
		if r.out == "" {
			t.Fatal(r.err)
		}
		models := loadJSON(t, []byte(r.out))["models"].(map[string]any)
		settings := func(side string) map[string]any {
			return models[side].(map[string]any)["settings"].(map[string]any)
		}
		return settings("original"), settings("compressed")
	}
	o, c := describe("--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx",
		"--scale", "1/255", "--mean", "0.1", "--std", "2", "--original.mean", "0.25", "--compressed.scores", "logits")
	if o["preprocess"] != "(x * 0.00392157 - 0.25) / 2" || c["preprocess"] != "(x * 0.00392157 - 0.1) / 2" {
		t.Errorf("found %v and %v", o["preprocess"], c["preprocess"])
	}
	if text, _ := c["scores"].(string); text == o["scores"] || !strings.HasPrefix(text, "logits") {
		t.Errorf("found the scores %v and %v", o["scores"], c["scores"])
	}
	r := command(t, "search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.onnx", "--seeds", "@seeds.npy", "--n", "1", "--budget", "10")
	if !strings.Contains(r.err, "original model "+filepath.Join(files, "lenet5.onnx")+": it gets the values of the seeds as they are") || strings.Contains(r.err, "onnx.") {
		t.Errorf("expected a note about raw values, in flags, found:\n%s", r.err)
	}
}

func TestSeedFlags(t *testing.T) {
	dir := t.TempDir()
	names := func(args ...string) (list []string, labels []float64) {
		t.Helper()
		r := command(t, pairOf("lenet5-student.onnx", append(args, "--budget", "10", "--json", "-")...)...)
		if r.out == "" {
			t.Fatal(r.err)
		}
		for _, seed := range loadJSON(t, []byte(r.out))["per_seed"].([]any) {
			seed := seed.(map[string]any)
			if seed["status"] == "skipped" {
				t.Errorf("skipped: %v", seed["reason"])
			}
			list, labels = append(list, seed["name"].(string)), append(labels, seed["label"].(float64))
		}
		return list, labels
	}
	list, labels := names("--seeds", "@seeds.npy", "--n", "3", "--labels", "@labels.txt")
	if fmt.Sprint(list, labels) != "[seeds.npy[0] seeds.npy[1] seeds.npy[2]] [0 1 2]" {
		t.Errorf("found %v %v", list, labels)
	}
	shuffled, shuffledLabels := names("--seeds", "@seeds.npy", "--n", "3", "--shuffle", "--labels", "@labels.txt")
	if len(shuffled) != 3 || fmt.Sprint(shuffled) == fmt.Sprint(list) {
		t.Errorf("--shuffle: found %v", shuffled)
	}
	for i, name := range shuffled {
		var at int
		if _, err := fmt.Sscanf(name, "seeds.npy[%d]", &at); err != nil {
			t.Fatal(err)
		}
		if seed, _ := fixtures.Seeds().Seed(at); float64(seed.Label) != shuffledLabels[i] {
			t.Errorf("%s: expected its own label %d, found %g", name, seed.Label, shuffledLabels[i])
		}
	}
	// Fractions of floats in a domain of their own; images of another size.
	floats := make([]byte, 0, 4*784)
	for range 784 {
		floats = binary.LittleEndian.AppendUint32(floats, 0x3f000000) // 0.5
	}
	path := filepath.Join(dir, "f.npy")
	if err := os.WriteFile(path, npy("<f4", "(1, 28, 28)", floats), 0o666); err != nil {
		t.Fatal(err)
	}
	names("--seeds", path, "--domain", "0,1", "--scale", "1")
	path = filepath.Join(dir, "small.npy")
	if err := os.WriteFile(path, npy("|u1", "(2, 14, 7)", make([]byte, 196)), 0o666); err != nil {
		t.Fatal(err)
	}
	if list, _ := names("--seeds", path, "--resize", "28x28"); len(list) != 2 {
		t.Errorf("--resize: found %v", list)
	}
}

func TestSave(t *testing.T) {
	for save, want := range map[string]int{"0": 0, "all": 6, "1": 1} {
		dir := t.TempDir()
		r := command(t, append(student, "--out", dir, "--save", save)...)
		r.want(t, 1, "Report: ", "Pictures: ")
		if saved := triggersIn(t, dir); len(saved) != want {
			t.Errorf("--save %s: expected %d triggers, found %d", save, want, len(saved))
		}
		if strings.Contains(r.out, "To replay") != (want > 0) {
			t.Errorf("--save %s: found\n%s", save, r.out)
		}
	}
}

// A folder that cannot be written must not cost what was found.
func TestTriggersThatCannotBeSavedAreNotLost(t *testing.T) {
	out, temporary := t.TempDir(), t.TempDir()
	if err := os.Symlink(filepath.Join(out, "nowhere", "either"), filepath.Join(out, "lenet5-vs-lenet5-int8")); err != nil {
		t.Skip(err)
	}
	args := pairOf("lenet5-int8.onnx", "--seeds", "@images", "--budget", "60", "--out", out)
	t.Setenv("TMPDIR", temporary)
	r := command(t, args...)
	r.want(t, 2, "seeds have a trigger", "1. from seed ", "--out: triggers could not be saved: ", "they are in "+temporary, "give --out a folder that can be written")
	if saved, _ := filepath.Glob(filepath.Join(temporary, "*", "*", "*", "trigger.png")); len(saved) == 0 {
		t.Error("no trigger was saved elsewhere")
	}
	t.Setenv("TMPDIR", filepath.Join(out, "nowhere"))
	command(t, args...).want(t, 2, "seeds have a trigger", "1. from seed ", "they are nowhere but above")
}
