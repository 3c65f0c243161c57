package report

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/gate"
)

const (
	// EvidenceFormat is the value of "format" in an evidence file.
	EvidenceFormat = "triggerfinder-evidence"
	// evidenceVersion is the version of it that this package writes. Evidence is read strictly, so it goes
	// up with every new field.
	evidenceVersion = 3
	// versionOfKinds is the first that tells the kind of a trigger; before, its label did.
	versionOfKinds = 3
	// largestEvidence is enough for hundreds of thousands of seeds.
	largestEvidence = 256 << 20
)

// evidenceFile is the schema of an evidence file.
type evidenceFile struct {
	header
	gate.Evidence
}

// SaveEvidence writes an evidence file, in place of an earlier one, all at once. Its folder is made where it
// does not exist. The same evidence has the same bytes.
func SaveEvidence(path string, e *gate.Evidence) error {
	err := saveEvidence(path, e)
	if err != nil {
		return fmt.Errorf("report: save evidence: %s: %w", path, err)
	}
	return nil
}

func saveEvidence(path string, e *gate.Evidence) error {
	if e == nil {
		return fmt.Errorf("expected evidence, found nil")
	}
	if err := e.Validate(); err != nil {
		return err
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	head := *e
	head.Seeds = []gate.EvidenceSeed{}
	return writeFileBy(path, func(w io.Writer) error {
		return encodeRows(w, evidenceFile{header{EvidenceFormat, evidenceVersion}, head}, rows{name: "seeds", depth: 1, n: len(e.Seeds), row: func(i int) any { return e.Seeds[i] }})
	})
}

// LoadEvidence reads an evidence file, strictly: a field that it does not know is an error, and so is a value
// that no search can have. A file that is not there is an error that wraps [os.ErrNotExist].
func LoadEvidence(path string) (*gate.Evidence, error) {
	data, err := ReadBounded(path, largestEvidence)
	if err != nil {
		return nil, fmt.Errorf("report: evidence: %w", err)
	}
	e, err := decodeEvidence(data)
	if err != nil {
		return nil, fmt.Errorf("report: evidence: %s: %w", path, err)
	}
	return e, nil
}

func decodeEvidence(data []byte) (*gate.Evidence, error) {
	var f evidenceFile
	if err := DecodeStrict(data, EvidenceFormat, evidenceVersion, &f); err != nil {
		return nil, err
	}
	for _, s := range f.Seeds {
		if t := s.Trigger; f.Version < versionOfKinds && t != nil && t.CompressedLabel == answer.NoLabel {
			t.Kind = answer.NotFinite
		}
	}
	return &f.Evidence, f.Validate()
}
