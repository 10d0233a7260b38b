package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// watcher is one watch request.
type watcher struct {
	kind    resource
	match   func(*unstructured.Unstructured) bool
	version int // all events up to it have been sent
	encoder *json.Encoder
}

// frame is one line of a watch's answer.
type frame struct {
	Type   string `json:"type"`
	Object any    `json:"object"`
}

// watch streams events until the client goes, its timeout passes, or its
// version has expired.
func (c *Cluster) watch(w http.ResponseWriter, r *http.Request, kind resource, match func(*unstructured.Unstructured) bool) {
	query := r.URL.Query()
	from, err := strconv.Atoi(query.Get("resourceVersion"))
	if err != nil && query.Get("resourceVersion") != "" {
		writeStatus(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, "invalid resource version")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	flush := http.NewResponseController(w)
	watch := &watcher{kind: kind, match: match, version: from, encoder: json.NewEncoder(w)}
	initial := query.Get("sendInitialEvents") == "true"

	frames := c.begin(watch, from == 0 || initial, initial)
	timeout, bookmark := timers(query.Get("timeoutSeconds"), query.Get("allowWatchBookmarks") == "true", c.config.Bookmarks)
	for {
		for _, f := range frames {
			if err := watch.encoder.Encode(f); err != nil || f.Type == "ERROR" {
				return
			}
		}
		if flush.Flush() != nil {
			return
		}
		var changed chan struct{}
		if frames, changed = c.since(watch); len(frames) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-bookmark:
			frames = []frame{watch.bookmark(nil)}
		case <-timeout:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// timers are the channels of a watch that tell its end, and when its bookmarks
// are due; nil for never.
func timers(seconds string, bookmarks bool, every time.Duration) (timeout, bookmark <-chan time.Time) {
	if n, err := strconv.Atoi(seconds); err == nil && n > 0 {
		timeout = time.After(time.Duration(n) * time.Second)
	}
	if bookmarks {
		bookmark = time.Tick(every)
	}
	return timeout, bookmark
}

// begin is the state that a watch starts with, if it wants one, and the
// bookmark that ends it for a client of the watch-list kind.
func (c *Cluster) begin(w *watcher, state, marked bool) []frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !state {
		return nil
	}
	var frames []frame
	for _, object := range c.listLocked(w.kind.plural, w.match) {
		frames = append(frames, frame{"ADDED", object.Object})
	}
	w.version = c.version
	if marked {
		frames = append(frames, w.bookmark(map[string]any{metav1.InitialEventsAnnotationKey: "true"}))
	}
	return frames
}

// since is what happened after w.version, and a channel that is closed at the
// next change.
func (c *Cluster) since(w *watcher) ([]frame, chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w.version < c.floor {
		message := fmt.Sprintf("too old resource version: %d (%d)", w.version, c.floor)
		return []frame{{"ERROR", failure(http.StatusGone, metav1.StatusReasonExpired, message)}}, c.changed
	}
	var frames []frame
	for _, e := range c.log {
		if e.version > w.version && e.plural == w.kind.plural {
			frames = w.add(frames, e)
		}
	}
	w.version = c.version
	return frames, c.changed
}

// add appends e as w sees it: an object that begins to match a selector was
// added, one that stops matching was deleted.
func (w *watcher) add(frames []frame, e event) []frame {
	was := e.before != nil && w.match(e.before)
	is := e.kind != "DELETED" && w.match(e.after)
	switch {
	case was && is:
		return append(frames, frame{"MODIFIED", e.after.Object})
	case is:
		return append(frames, frame{"ADDED", e.after.Object})
	case was:
		return append(frames, frame{"DELETED", e.after.Object})
	}
	return frames
}

// bookmark says that everything up to w.version has been sent.
func (w *watcher) bookmark(annotations map[string]any) frame {
	meta := map[string]any{"resourceVersion": strconv.Itoa(w.version), "creationTimestamp": nil}
	if annotations != nil {
		meta["annotations"] = annotations
	}
	return frame{"BOOKMARK", map[string]any{"kind": w.kind.kind, "apiVersion": w.kind.groupVersion(), "metadata": meta}}
}
