package report_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/report"
)

func TestLoadNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		reason    string
		file      string
		old, new  string // "" for old means that the file is removed
		want      string
		wantError error
	}{
		{reason: "no description", file: "trigger.json", want: "expected a file, found none", wantError: fs.ErrNotExist},
		{reason: "no trigger", file: "trigger.png", want: "expected a file, found none", wantError: fs.ErrNotExist},
		{reason: "no seed", file: "seed.png", want: "expected a file, found none", wantError: fs.ErrNotExist},
		{reason: "a later version", file: "trigger.json", old: `"version": 3`, new: `"version": 4`,
			want: "version 4: expected at most 3: written by a newer version of triggerfinder", wantError: report.ErrNewerVersion},
		{reason: "an impossible version", file: "trigger.json", old: `"version": 3`, new: `"version": 0`, want: "version 0: expected 1 to 3"},
		{reason: "no version", file: "trigger.json", old: `"version": 3,`, new: ``, want: "version: expected 1 to 3, found none"},
		{reason: "not JSON", file: "trigger.json", old: `{`, new: `<`, want: "expected a JSON object"},
		{reason: "half of a conflict in Git", file: "trigger.json", old: `{`, new: "<<<<<<< HEAD\n{", want: "expected a JSON object"},
		{reason: "an odd number", file: "trigger.json", old: `"confidence": 0.75`, new: `"confidence": "much"`, want: `number "much": expected a number, "NaN"`},
		{reason: "a label out of range", file: "trigger.json", old: `"label": 2`, new: `"label": 9`, want: "compressed label 9: expected a label of its 4 scores"},
		{reason: "another ID", file: "trigger.json", old: `"id": "`, new: `"id": "0`, want: "trigger.png: content: expected ID"},
		{reason: "another shape", file: "trigger.json", old: "12,", new: "13,", want: "trigger.png: expected 13 x 10 pixels as in trigger.json, found 12 x 10"},
		{reason: "another domain", file: "trigger.json", old: `"max": 255`, new: `"max": 100`, want: "expected a value of the domain 0..100 step 1"},
		{reason: "no domain", file: "trigger.json", old: `"max": 255`, new: `"max": 0`, want: "expected finite Min < Max"},
		{reason: "a file cut short", file: "trigger.png", old: "IEND", new: "", want: "trigger.png: expected a PNG file: "},
		{reason: "names of classes elsewhere", file: "trigger.json", old: `"replay"`, new: `"class_names_file": "../../class-names-00000000.json", "replay"`, want: "class_names_file: expected a name such as"},
	} {
		t.Run(test.reason, func(t *testing.T) {
			store := openStore(t)
			good := save(t, store, sampleTrigger(2))
			bad := save(t, store, sampleTrigger(1))
			path := filepath.Join(bad, test.file)
			spoil(t, path, test.old, test.new)

			_, err := report.LoadTrigger(bad)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), bad) {
				t.Fatalf("got error %v, expected %q and the file", err, test.want)
			}
			if test.wantError != nil && !errors.Is(err, test.wantError) {
				t.Errorf("got error %v, expected one that is %v", err, test.wantError)
			}
			saved, err := store.List("lenet5-int8")
			var malformed *report.MalformedError
			if !errors.As(err, &malformed) || len(malformed.Errs) != 1 {
				t.Errorf("got error %v, expected a MalformedError about one trigger", err)
			}
			if len(saved) != 1 || saved[0].Dir != good {
				t.Errorf("listed %d, expected the good one", len(saved))
			}
		})
	}
}

// spoil replaces the last occurrence of old in a file, or removes the file.
func spoil(t *testing.T, path, old, new string) {
	t.Helper()
	if old == "" {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(data, []byte(old))
	if strings.HasSuffix(path, ".json") {
		at = bytes.Index(data, []byte(old))
	}
	if at < 0 {
		t.Fatalf("%s does not hold %q", path, old)
	}
	data = append(data[:at:at], append([]byte(new), data[at+len(old):]...)...)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestListIgnoresWhatIsNotATrigger(t *testing.T) {
	store := openStore(t)
	save(t, store, sampleTrigger(1))
	pair := store.PairDir("lenet5-int8")
	for _, file := range []string{"README.md", ".gitattributes", ".hidden/file"} {
		path := filepath.Join(pair, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if saved, err := store.List("lenet5-int8"); err != nil || len(saved) != 1 {
		t.Errorf("listed %d, %v; expected one", len(saved), err)
	}
}

func TestAFolderMayHaveAnotherName(t *testing.T) {
	store := openStore(t)
	dir := save(t, store, sampleTrigger(1))
	if err := os.Rename(dir, filepath.Join(filepath.Dir(dir), "the one from issue 12")); err != nil {
		t.Fatal(err)
	}
	if saved, err := store.List("lenet5-int8"); err != nil || len(saved) != 1 || saved[0].Trigger.ID != sampleTrigger(1).ID {
		t.Errorf("listed %d, %v; expected the renamed one", len(saved), err)
	}
}

func TestMalformedErrorListsAll(t *testing.T) {
	err := &report.MalformedError{Errs: []error{errors.New("report: a/trigger.npy: bad"), errors.New("report: b/seed.npy: bad")}}
	want := "report: 2 saved triggers cannot be used:\n  a/trigger.npy: bad\n  b/seed.npy: bad"
	if err.Error() != want {
		t.Errorf("got %q, expected %q", err, want)
	}
}

func FuzzLoadTrigger(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "trigger.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, report.EncodePicture(sampleTrigger(3).Input))
	f.Add(bytes.Replace(data, []byte(`"png"`), []byte(`"|u1"`), 1), report.EncodeInput(sampleTrigger(3).Input))
	f.Fuzz(func(t *testing.T, artifact, file []byte) {
		in, err := report.DecodeTrigger(artifact, file)
		if err != nil {
			return
		}
		if err := in.Validate(); err != nil {
			t.Errorf("accepted an input that is not valid: %v", err)
		}
		if again, err := report.DecodeInput(report.EncodeInput(in), in); err != nil || !again.Like(in) {
			t.Fatalf("cannot read what it writes: %s became %s, %v", in, again, err)
		}
	})
}
