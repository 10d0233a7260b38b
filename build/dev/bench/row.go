package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
)

// Better says in which direction a figure improves.
type Better string

// The directions.
const (
	Lower  Better = "lower"
	Higher Better = "higher"
)

// Row is one figure. Its JSON form is the bench's interface.
type Row struct {
	Name   string   `json:"name"`
	Value  *float64 `json:"value"` // null: it could not be measured
	Unit   string   `json:"unit"`
	Better Better   `json:"better"`
	Peer   string   `json:"peer"`   // name and version; "" = nobody to compare with
	Ratio  *float64 `json:"ratio"`  // value by the peer's; null: no peer, or none of its values
	Target *float64 `json:"target"` // of the ratio where there is a peer, else of the value; null: none yet
	N      int      `json:"n"`      // runs of each side
	OK     bool     `json:"ok"`

	theirs *float64 // the peer's value, for the table
}

// judge reports whether a figure is good: it was measured, and is on the right
// side of its target if it has one. Where a peer is named the target is one for
// the ratio. It alone decides that.
func judge(r Row) bool {
	measured := r.Value
	if r.Value != nil && r.Target != nil && r.Peer != "" {
		measured = r.Ratio
	}
	if measured == nil || r.N == 0 || math.IsNaN(*measured) || math.IsInf(*measured, 0) {
		return false
	}
	if r.Target == nil {
		return true
	}
	switch r.Better {
	case Lower:
		return *measured <= *r.Target
	case Higher:
		return *measured >= *r.Target
	}
	return false
}

// A figure is what a row is before anything is measured.
type figure struct {
	name   string
	unit   string
	better Better
	target float64 // NaN: none yet
}

// none is the target of a figure that has no target yet.
var none = math.NaN()

// row is a figure with a value that stands for n runs.
func (f figure) row(value float64, n int) Row {
	r := Row{Name: f.name, Unit: f.unit, Better: f.better, N: n, Value: number(value), Target: number(f.target)}
	r.OK = judge(r)
	return r
}

// alone is the row of a figure without a peer.
func (f figure) alone(values []float64) Row { return f.row(median(values), len(values)) }

// highest is the row of a figure that no run may exceed.
func (f figure) highest(values []float64) Row { return f.row(percentile(values, 100), len(values)) }

// beside is the row of a figure that the peer has too. The ratio is that of the
// medians.
func (f figure) beside(peer string, ours, theirs []float64) Row {
	r := f.alone(ours)
	r.Peer, r.theirs = peer, number(median(theirs))
	if r.Value != nil && r.theirs != nil {
		r.Ratio = number(*r.Value / *r.theirs)
	}
	r.N = min(len(ours), len(theirs))
	r.OK = judge(r)
	return r
}

// number is v, or nil where there is none: NaN, or the infinity of a division by
// zero.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func writeJSON(w io.Writer, rows []Row) error {
	for _, r := range rows {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", line); err != nil {
			return err
		}
	}
	return nil
}

func writeTable(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FIGURE\tVALUE\tUNIT\tPEER'S\tRATIO\tTARGET\tN\tOK\tPEER")
	for _, r := range rows {
		target := text(r.Target)
		if r.Target != nil {
			target = map[Better]string{Lower: "≤ ", Higher: "≥ "}[r.Better] + target
			if r.Peer != "" {
				target += "×"
			}
		}
		verdict := "no"
		if r.OK {
			verdict = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n",
			r.Name, text(r.Value), r.Unit, text(r.theirs), text(r.Ratio), target, r.N, verdict, r.Peer)
	}
	return t.Flush()
}

// text is a number with three figures that count.
func text(v *float64) string {
	switch {
	case v == nil:
		return "–"
	case math.Abs(*v) >= 100:
		return strconv.FormatFloat(*v, 'f', 0, 64)
	}
	return strconv.FormatFloat(*v, 'g', 3, 64)
}
