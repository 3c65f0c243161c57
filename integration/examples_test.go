package integration

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/triggerfinder/triggerfinder/report/dossier"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

// The document in which every kind of evidence is, as its schema says.
func TestReleaseReportOfTheExample(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "declared"), NewWithT(t)
	out := f.path("release-report")
	r := f.run("go", "run", "github.com/triggerfinder/triggerfinder/examples/release-report", "-n", "30", "-out", out)
	g.Expect(r.exit).To(BeZero(), r.output)
	g.Expect(dossiertest.CheckFolder(t, out)).To(BeNumerically(">=", 1))
	doc, err := dossier.Load(filepath.Join(out, dossier.DocumentFile))
	g.Expect(err).NotTo(HaveOccurred())
	for what, n := range map[string]int{
		"searches": len(doc.Searches), "rates": len(doc.Rates), "flips": len(doc.Flips), "comparisons": len(doc.Comparisons), "canaries": len(doc.Canaries),
		"noise": len(doc.Noise), "minimized": len(doc.Minimized), "triggers": len(doc.Triggers), "clusters": len(doc.Clusters),
	} {
		g.Expect(n).To(BeNumerically(">", 0), what)
	}
	g.Expect(doc.Run.Partial).To(BeFalse())
}
