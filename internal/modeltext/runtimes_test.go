package modeltext

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestWhereRuns(t *testing.T) {
	flat := filepath.Join(t.TempDir(), "no-suffix")
	if err := os.WriteFile(flat, []byte("\x1c\x00\x00\x00TFL3 and more"), 0o666); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Runtime{
		"a.onnx": ONNXFile, "a": ONNXFile, "folder/http.onnx": ONNXFile, "A.TFLITE": LiteRTFile, flat: LiteRTFile, "process:./a.onnx": Program,
		"grpc://localhost:8081/m": Endpoint, "https://h/v2/models/m": Endpoint, `C:\models\a.onnx`: ONNXFile,
	} {
		if got := Where(text); got != want {
			t.Errorf("%s: found %s, expected %s", text, got, want)
		}
	}
}

func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		"python3 server.py  m.onnx": {"python3", "server.py", "m.onnx"},
		` a "b c" 'd "e' f\ g ""`:   {"a", "b c", `d "e`, "f g", ""},
		`C:\tools\run.exe "\"q\""`:  {`C:\tools\run.exe`, `"q"`},
		"":                          nil,
	} {
		if got, err := splitWords(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: found %q, %v, expected %q", text, got, err, want)
		}
	}
	if _, err := splitWords(`a "b`); err == nil || !strings.Contains(err.Error(), `expected a closing "`) {
		t.Errorf("found %v", err)
	}
}
