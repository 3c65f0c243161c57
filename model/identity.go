package model

import (
	"fmt"
	"slices"
)

// Identity is what tells one model from another: what evidence, selectors and the like keep of it.
type Identity struct {
	Name    string `json:"name,omitempty"`
	SHA256  string `json:"sha256,omitempty"`  // of all of its files; "" when there is none
	Content string `json:"content,omitempty"` // of what it computes; "" when it is not known
	// GraphSHA256 is that of the graph's file alone, for a model in several files; "" for a model in one.
	GraphSHA256 string `json:"graph_sha256,omitempty"`
}

// Identity is that of the model.
func (d Description) Identity() Identity {
	id := Identity{Name: d.Name, SHA256: d.SHA256, Content: d.Content}
	if len(d.Files) > 0 {
		id.GraphSHA256 = d.Files[0].SHA256
	}
	return id
}

// runtimeSettings are the settings of a [Description] that say what runs a model, and how. Others tell what stands in its file, or how its inputs
// and outputs are read.
var runtimeSettings = []string{"runtime", "provider", "kernels", "threads", "graph_optimization", "products", "command", "server"}

// RunsLike reports whether another model runs in the same runtime under the same settings, whatever both compute.
func (d Description) RunsLike(other Description) bool {
	return !slices.ContainsFunc(runtimeSettings, func(name string) bool { return d.Settings[name] != other.Settings[name] })
}

// String is the name, with the beginning of the hash where there is one.
func (id Identity) String() string {
	if id.SHA256 == "" {
		return id.Name
	}
	return fmt.Sprintf("%s (SHA-256 %.12s)", id.Name, id.SHA256)
}

// Sameness is whether two identities are of one model.
type Sameness int

// What two identities can be.
const (
	// Different: two models.
	Different Sameness = iota
	// GraphAlone: the graph's files are the same, and one of the identities, which an earlier version wrote, knows nothing of
	// the weights in other files. Whether these are the same cannot be told.
	GraphAlone
	// SavedAgain: other bytes that compute the same.
	SavedAgain
	// Same: the same bytes or, where neither is a file, the same name.
	Same
)

// Compare tells whether two identities are of one model.
func (id Identity) Compare(other Identity) Sameness {
	switch {
	case id.SHA256 == other.SHA256:
		if id.SHA256 != "" || id.Name == other.Name {
			return Same
		}
	case id.Content != "" && id.Content == other.Content:
		return SavedAgain
	case id.GraphSHA256 == "" && id.SHA256 != "" && id.SHA256 == other.GraphSHA256,
		other.GraphSHA256 == "" && other.SHA256 != "" && other.SHA256 == id.GraphSHA256:
		return GraphAlone
	}
	return Different
}
