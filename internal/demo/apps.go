package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Shop is the team's web shop, as a backend: a page that says which pod of which
// environment has answered, /healthz in JSON, and /big?bytes=N for downloads of
// any size.
func Shop(environment string) Backend {
	return HTTP(func(pod PodRef) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			fmt.Fprintf(w, "Welcome to the shop.\nenvironment: %s\nnamespace:   %s\npod:         %s\n", environment, pod.Namespace, pod.Name)
		})
		mux.HandleFunc("GET /healthz", serveHealth(pod))
		mux.HandleFunc("GET /big", serveBig)
		return mux
	})
}

// order is one row of the orders API.
type order struct {
	ID    int    `json:"id"`
	Item  string `json:"item"`
	Count int    `json:"count"`
}

// Orders is the team's orders API, as a backend: /orders and /orders/{id}, and
// /healthz, all in JSON.
func Orders() Backend {
	orders := []order{{1, "sextant", 2}, {2, "compass", 12}, {3, "chart of the Aegean", 1}}
	return HTTP(func(pod PodRef) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /orders", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(orders)
		})
		mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
			id, err := strconv.Atoi(r.PathValue("id"))
			if err != nil || id < 1 || id > len(orders) {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(orders[id-1])
		})
		mux.HandleFunc("GET /healthz", serveHealth(pod))
		return mux
	})
}
