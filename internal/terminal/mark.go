package terminal

// A Mark is a sign in front of a line that tells at once how something went.
type Mark struct {
	sign   string
	colour Colour
}

// Marks, from what is well to what needs somebody.
var (
	Good    = Mark{"✓", Green}
	Unknown = Mark{"-", Grey} // it was not tried, or is not known
	Note    = Mark{"·", Cyan}
	Warning = Mark{"!", Yellow}
	Bad     = Mark{"✗", Red}
)

// Mark returns a mark in its colour. It has one column.
func (s Screen) Mark(m Mark) string { return s.Paint(m.colour, m.sign) }

// Marked writes text behind a mark.
func (s Screen) Marked(m Mark, text string) { s.Hang(s.Mark(m)+" ", 2, text) }
