package main

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// classFolders writes folders of so many images each, and the files beside them.
func classFolders(t *testing.T, images int, folders ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "images")
	for i, folder := range folders {
		for k := range images {
			img := image.NewGray(image.Rect(0, 0, 28, 28))
			for j := range img.Pix {
				img.Pix[j] = byte(i*20 + k + j%28)
			}
			if err := writePNG(img, filepath.Join(dir, folder, fmt.Sprintf("%d.png", k))); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func kinds(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("kind %d", i))
	}
	return names
}

// of runs a search of the seeds, with the names of its seeds and their labels.
func of(t *testing.T, seeds string, more ...string) (r result, names []string, labels []int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "r.json")
	r = command(t, append(pairOf("lenet5-student.onnx", "--seeds", seeds, "--budget", "10", "--json", file), more...)...)
	data, err := os.ReadFile(file)
	if err != nil {
		return r, nil, nil
	}
	for _, s := range loadJSON(t, data)["per_seed"].([]any) {
		seed := s.(map[string]any)
		names, labels = append(names, seed["name"].(string)), append(labels, int(seed["label"].(float64)))
	}
	return r, names, labels
}

func TestClassNamesOfFolders(t *testing.T) {
	dir := classFolders(t, 1, kinds(10)...)
	out := t.TempDir()
	r := command(t, pairOf("lenet5-student.onnx", "--seeds", dir, "--budget", "300", "--out", out)...)
	r.want(t, 1, "original says kind ", ", truly kind ", "by the original itself", "truly kind ")
	if strings.Contains(r.out, " class ") {
		t.Errorf("found a class without its name in\n%s", r.out)
	}
	saved := filepath.Join(out, "lenet5-vs-lenet5-student")
	command(t, "replay", saved).want(t, 1, "original says kind ")
	command(t, "minimize", saved, "--budget", "50").want(t, 0, "original says kind ")

	r, _, _ = of(t, dir, "--class-names", strings.Join(kinds(9), ","))
	r.want(t, 2, "--class-names: class names: expected 10, one a class of the models, found 9")
	swapped := kinds(10)
	slices.Reverse(swapped)
	_, _, labels := of(t, dir, "--class-names", strings.Join(swapped, ","))
	if !slices.Equal(labels, []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}) {
		t.Errorf("expected the labels of the names, found %v", labels)
	}
	_, _, labels = of(t, classFolders(t, 1, "kind_3", "Kind 7"), "--class-names", strings.Join(kinds(10), ","))
	if !slices.Equal(labels, []int{7, 3}) {
		t.Errorf("expected the labels of the names, found %v", labels)
	}
	r, _, _ = of(t, classFolders(t, 1, "kind 3", "cat"), "--class-names", strings.Join(kinds(10), ","))
	r.want(t, 2, `--class-names: class names: expected each of the seeds' 2 classes among the 10 names, found "cat" in none: --class-map gives each class its number`)
	r, _, _ = of(t, dir, "--class-names", "a,b,c,d,e,f,g,h,i,j")
	r.want(t, 1, `note          classes are called by the names given, not by those of the seeds: class 0 is "a", not "kind 0"`)
}

func TestFoldersAreNotTheModelsClasses(t *testing.T) {
	few := classFolders(t, 2, kinds(3)...)
	r, _, _ := of(t, few)
	r.want(t, 2, "different numbers of classes: the seeds have 3 (kind 0, kind 1, kind 2), the models 10; expected as many, in the models' order: "+
		"--class-map gives each class its number, --no-labels takes the seeds without")
	r, _, _ = of(t, classFolders(t, 1, kinds(12)...))
	r.want(t, 2, "the seeds have 12 (kind 0, kind 1, kind 10, kind 11, kind 2, …), the models 10")

	_, _, labels := of(t, few, "--no-labels")
	if !slices.Equal(labels, []int{-1, -1, -1, -1, -1, -1}) {
		t.Errorf("labels %v", labels)
	}
	file := filepath.Join(t.TempDir(), "map")
	for content, want := range map[string]string{
		"kind 0,7\nkind 1,9\nkind 2,2\n": "",
		"kind 0,7\nkind 1,9\n":           `class map: expected a label for the class "kind 2" of the seeds, found none`,
		"kind 0,7\nkind 1,9\nkind 2,10":  `class map: class "kind 2": expected a label of 0 to 9, found 10`,
		"cat\nkind 1,9\n":                "class map: expected a class and its label a line",
	} {
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		r, _, labels := of(t, few, "--class-map", file)
		if want != "" {
			r.want(t, 2, "--class-map", " "+file+": ", want)
		} else if !slices.Equal(labels, []int{7, 7, 9, 9, 2, 2}) {
			t.Errorf("labels %v\n%s", labels, r.err)
		}
	}
	if err := os.WriteFile(file, []byte("cat,1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r, _, _ = of(t, "@seeds.npy", "--class-map", file)
	r.want(t, 2, "class map: expected seeds that carry the names of their classes")
	if err := os.WriteFile(file, []byte(strings.Repeat("12\n", seedCount)), 0o666); err != nil {
		t.Fatal(err)
	}
	r, _, _ = of(t, "@seeds.npy", "--labels", file)
	r.want(t, 2, "label beyond the classes: found label 12 and models of 10 classes, expected 0 to 9, or -1 for unknown: --labels gives other labels, --no-labels takes the seeds without")
}

func TestWhichSeedsAreTaken(t *testing.T) {
	dir := classFolders(t, 3, kinds(10)...)
	r, names, labels := of(t, dir, "--n", "12")
	if !slices.Equal(labels, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}) || names[10] != "kind 0/1.png" {
		t.Errorf("seeds %q, labels %v", names, labels)
	}
	r.want(t, r.code, "  note          12 of 30 seeds are taken, spread over 10 classes in turn\n")
	r, _, labels = of(t, dir, "--n", "4", "--in-order")
	if !slices.Equal(labels, []int{0, 0, 0, 1}) || strings.Contains(r.out, "spread") {
		t.Errorf("labels %v\n%s", labels, r.out)
	}
	_, names, _ = of(t, "@seeds.npy", "--n", "3", "--labels", "@labels.txt")
	if !slices.Equal(names, []string{"seeds.npy[0]", "seeds.npy[1]", "seeds.npy[2]"}) {
		t.Errorf("seeds %q", names)
	}
}

func TestFlagsOfFolders(t *testing.T) {
	dir := classFolders(t, 1, "0", "1", "2", "3", "4", "5", "6", "7", "8", "10")
	for name, content := range map[string]string{"0/x.heic": "x", "0/notes.txt": "x", "1/y.heic": "y", "old/readme": "x", "__MACOSX/._a.png": "x"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r, names, _ := of(t, dir)
	r.want(t, r.code, "  note          4 files were left out: 2 .heic, 1 without an ending, 1 .txt\n",
		"  note          folders without images are not classes: old; with --empty-classes they are\n",
		"  note          class folders are in the order of the alphabet, as in torchvision's ImageFolder: label 2 is the folder 10; --numeric-order sorts them by their numbers\n")
	if names[2] != "10/0.png" {
		t.Errorf("seeds %q", names)
	}
	r, names, _ = of(t, dir, "--numeric-order")
	r.want(t, r.code, "label 9 is the folder 10\n")
	if names[2] != "2/0.png" || names[9] != "10/0.png" {
		t.Errorf("seeds %q", names)
	}
	r, _, _ = of(t, dir, "--empty-classes")
	r.want(t, 2, "the seeds have 11 (")

	turned := filepath.Join("..", "..", "input", "pixels", "testdata", "formats")
	upright := t.TempDir()
	content, err := os.ReadFile(filepath.Join(turned, "turned-6.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(upright, "a.png"), content, 0o666); err != nil {
		t.Fatal(err)
	}
	r, _, _ = of(t, upright, "--upright")
	r.want(t, 2, "the model takes grey images", "found [4 5 3]") // 5 x 4 as it is stored
	r, _, _ = of(t, upright, "--upright=false")
	r.want(t, 2, "found [5 4 3]")
	r, _, _ = of(t, "@seeds.npy", "--upright")
	r.want(t, 2, "seeds.npy: expected a folder of images, which the options are for, found a file")
	r, _, _ = of(t, "@seeds.npy", "--label-key", "y")
	r.want(t, 2, "seeds.npy: --label-key is for NPZ files; expected --labels with the path of a file")
	r, _, _ = of(t, upright, "--key", "y")
	r.want(t, 2, "expected an array, which the options are for, found a folder of images")
}

// TestPreset: one flag prepares the seeds and scales the pixels of both models.
func TestPreset(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images")
	photo := image.NewGray(image.Rect(0, 0, 56, 28))
	for i := range photo.Pix {
		photo.Pix[i] = byte(i * 7)
	}
	if err := writePNG(photo, filepath.Join(dir, "photo.png")); err != nil {
		t.Fatal(err)
	}
	arguments := func(more ...string) []string {
		return append([]string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-student.onnx", "--seeds", dir, "--budget", "20"}, more...)
	}
	plain := command(t, arguments("--letterbox", "28", "--scale", "1/255")...)
	preset := command(t, arguments("--preset", "yolo:28")...)
	found := func(r result) string { // distances and queries of what was found
		_, found, _ := strings.Cut(r.out, "first hit")
		found, _, _ = strings.Cut(found, "time ")
		return found
	}
	if plain.code != 1 || preset.code != 1 || found(plain) == "" || found(plain) != found(preset) {
		t.Errorf("expected what is found with the same said in parts,\n%s\nfound\n%s%s", plain.out, preset.out, preset.err)
	}
	command(t, arguments("--preset", "keras:28,caffe")...).want(t, 2, "expected one value in --mean for an input of 1 channel, found 3")
}
