package report

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

const (
	TempPrefix      = tempPrefix
	ArtifactVersion = artifactVersion
)

var (
	ShortHistory = shortHistory
	DecodeReport = decodeReport
	DecodeResult = decodeResult
)

// EncodeInput makes the file of an input that is valid: an array.
func EncodeInput(in input.Input) []byte { return model.Must(encodeInput(in, false)) }

// EncodePicture makes that of an image of 8 bits.
func EncodePicture(in input.Input) []byte { return model.Must(encodeInput(in, true)) }

// DecodeClassNames reads the file of the names of classes.
var DecodeClassNames = decodeClassNames

// HeatMap draws what changed.
var HeatMap = heatMap

// Tidy is what opening a store does once a process.
func (s *Store) Tidy() { s.tidy() }

// DecodeInput reads the file of an input of which trigger.json holds the rest.
func DecodeInput(file []byte, want input.Input) (input.Input, error) {
	data, err := EncodeJSON(newArtifactInput(want, want))
	if err != nil {
		return input.Input{}, err
	}
	var a artifactInput
	if err := json.Unmarshal(data, &a); err != nil {
		return input.Input{}, err
	}
	if a.Type == pictureType && bytes.HasPrefix(file, []byte("\x93NUMPY")) {
		a.Type = dtypeOf(want.Domain, want.Data).Descr() // as earlier versions wrote it
	}
	return decodeInput(file, a, want.ID())
}

// SetClock makes the store believe that it is always t.
func (s *Store) SetClock(t time.Time) { s.now = func() time.Time { return t } }

// DecodeTrigger reads a trigger's folder that is in memory; the same data are read as trigger and seed.
func DecodeTrigger(artifact, npy []byte) (input.Input, error) {
	a, err := decodeArtifact(artifact)
	if err != nil {
		return input.Input{}, err
	}
	return decodeInput(npy, a.Input, a.ID)
}

// EncodeReport makes the content of a search-report.json.
func EncodeReport(r *engine.Report, classNames []string) []byte {
	var b bytes.Buffer
	if err := encodeReport(&b, r, Options{ClassNames: classNames}); err != nil {
		panic(err)
	}
	if whole := model.Must(EncodeJSON(newReportDocument(r, Options{ClassNames: classNames}))); !bytes.Equal(whole, b.Bytes()) {
		panic("a report is written otherwise seed by seed than as a whole")
	}
	return b.Bytes()
}

// Readers of files that are in memory.
var (
	DecodeEvidence = decodeEvidence
	DecodeWaivers  = decodeWaivers
	DecodeShard    = decodeShard
	TempName       = tempName
)

// DecodeSelector reads a selector that is in memory.
var DecodeSelector = decodeSelector

// What is drawn, as text.
var (
	Metrics      = metrics
	SheetDetails = func(r *engine.Report) [][]string { return sheetDetails(r, nil) }
)

// WriteFolder writes a folder with one file.
func WriteFolder(dir, name string, data []byte) (existed bool, err error) {
	return writeFolder(dir, []file{{name, data}})
}

// ForgetSoundsAt takes back what SoundsAt said.
func ForgetSoundsAt() { soundRate.Store(0) }
