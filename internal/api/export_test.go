package api

import "context"

// ServeLevel is Serve as an engine of another level has it.
var ServeLevel = serve

// ReadLimit is how long a caller may take to read an answer.
const ReadLimit = readLimit

// Order calls any method.
func (c *Client) Order(ctx context.Context, method string) error {
	return order(ctx, c, method, nothing{})
}
