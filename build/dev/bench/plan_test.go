package main

import "testing"

func TestPlanRows(t *testing.T) {
	rows, err := planRows(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Value == nil || *r.Value <= 0 {
			t.Errorf("%s: %+v", r.Name, r)
		}
	}
}
