package specs

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/onsi/ginkgo/v2"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report"
)

// ArtifactsVariable is the environment variable that names the folder in which [ArtifactDir] makes one for
// each spec, such as one that a CI system keeps.
const ArtifactsVariable = "TRIGGERFINDER_ARTIFACTS"

// keptTriggers is how many triggers KeepingArtifacts saves of a search.
const keptTriggers = 20

var artifacts struct {
	sync.Mutex
	dir string // of the running spec; "" until it is asked for
}

// ArtifactDir is a folder for what the running spec leaves behind: the same one for the whole spec, other than that of
// GinkgoT().ArtifactDir(), which makes another one whenever it is called. It lies in the folder that
// TRIGGERFINDER_ARTIFACTS names, or else where Ginkgo puts it.
func ArtifactDir() string {
	artifacts.Lock()
	defer artifacts.Unlock()
	if artifacts.dir != "" {
		return artifacts.dir
	}
	root := os.Getenv(ArtifactsVariable)
	if root == "" {
		artifacts.dir = ginkgo.GinkgoT().ArtifactDir()
	} else {
		name := report.FolderName(ginkgo.CurrentSpecReport().FullText())
		artifacts.dir = filepath.Join(root, name)
		if err := os.MkdirAll(artifacts.dir, 0o777); err != nil {
			ginkgo.Fail(ArtifactsVariable + ": expected a folder that can be written: " + err.Error())
		}
	}
	ginkgo.DeferCleanup(func() {
		artifacts.Lock()
		defer artifacts.Unlock()
		artifacts.dir = ""
	})
	return artifacts.dir
}

// KeepingArtifacts keeps the report, the pictures and up to 20 triggers of a search in [ArtifactDir] when the
// spec fails, and says in a report entry where. It does so beside what the matcher saves.
func KeepingArtifacts(matcher *matchers.HaveDeviationMatcher) *matchers.HaveDeviationMatcher {
	var latest *engine.Report
	ginkgo.DeferCleanup(func() {
		if latest == nil || !ginkgo.CurrentSpecReport().Failed() {
			return
		}
		dir := ArtifactDir()
		if err := keep(dir, latest); err != nil {
			ginkgo.Fail("KeepingArtifacts: " + err.Error())
		}
		ginkgo.AddReportEntry("triggerfinder artifacts", dir)
	})
	return matcher.Inspecting(func(r *engine.Report) { latest = r })
}

func keep(dir string, r *engine.Report) error {
	store, err := report.OpenStore(dir)
	if err != nil {
		return err
	}
	n := 0
	for _, t := range r.Triggers() {
		if n == keptTriggers || t.Abridged() {
			break
		}
		if _, err := store.Save(t, report.ContextOf(r)); err != nil {
			return err
		}
		n++
	}
	_, err = report.SaveReport(dir, r, report.Options{})
	return err
}
