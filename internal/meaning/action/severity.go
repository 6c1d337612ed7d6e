package action

// Severity is how much attention an action deserves. The numbers are the severity_id of OCSF.
type Severity int

// The severities.
const (
	Informational Severity = 1 // daily work
	Low           Severity = 2 // administration
	Medium        Severity = 3 // removes data, or gives more people access
	High          Severity = 4 // opens the site to everybody, or disables its monitoring
)

func (s Severity) String() string {
	return [...]string{"", "Informational", "Low", "Medium", "High"}[s]
}

// Reason is a severity and why an action has it. A row of the table has a reason, so no severity is
// without one.
type Reason struct {
	Severity Severity
	Why      string
}

var (
	daily  = Reason{Informational, "daily work"}
	looks  = Reason{Informational, "changes how things look"}
	closes = Reason{Informational, "lets fewer people see it"}
	health = Reason{Informational, "the collector works"}

	upkeep      = Reason{Low, "administration"}
	accounts    = Reason{Low, "changes who has an account, or what an account can do"}
	credentials = Reason{Low, "changes what somebody can log in with"}
	refused     = Reason{Low, "tried and refused; many of them are an attack"}
	elevates    = Reason{Low, "somebody works as an administrator"}
	removes     = Reason{Low, "takes away one thing, or access to it"}
	gives       = Reason{Low, "gives a group or a person access to one space"}
	givesScheme = Reason{Low, "gives a group, a role or a person access to the projects of a scheme"}
	applies     = Reason{Low, "changes who can do what in a project"}
	reveals     = Reason{Low, "shows it to more people than before"}
	takesOut    = Reason{Low, "one page leaves the site"}
	takesIssues = Reason{Low, "issues leave the site"}
	slowed      = Reason{Low, "records come later than usual"}

	destroys          = Reason{Medium, "takes away data or accounts for good"}
	exports           = Reason{Medium, "a whole space leaves the site, or may"}
	exportsAll        = Reason{Medium, "a whole project leaves the site"}
	givesMany         = Reason{Medium, "gives access to everybody who has logged in"}
	givesSite         = Reason{Medium, "gives access to the whole site"}
	administers       = Reason{Medium, "gives the right to administer a space"}
	leads             = Reason{Medium, "gives the right to administer projects"}
	leadsByName       = Reason{Medium, "changes who administers a project, by the name of the role"}
	promotes          = Reason{Medium, "makes somebody an administrator, by the name of the group"}
	demotes           = Reason{Medium, "takes away the right to administer the site"}
	publishes         = Reason{Medium, "shows content to whoever has the link"}
	bypasses          = Reason{Medium, "an administrator looks past a restriction"}
	locks             = Reason{Medium, "too many failed logins, or somebody is kept out"}
	refusedAdmin      = Reason{Medium, "tried to work as an administrator and was refused"}
	protection        = Reason{Medium, "changes how the site is protected"}
	connects          = Reason{Medium, "lets another system in, or sends data to one"}
	runsCode          = Reason{Medium, "puts code into the site"}
	identities        = Reason{Medium, "changes where accounts come from"}
	impersonates      = Reason{Medium, "an administrator acts as somebody else"}
	weakens           = Reason{Medium, "a password alone is enough again"}
	watchesLess       = Reason{Medium, "those who watch may see less"}
	opens             = Reason{High, "opens it to everybody, without a login"}
	administerAll     = Reason{High, "gives everybody who has logged in the right to administer or export"}
	rules             = Reason{High, "gives the right to administer the whole site"}
	rulesOrganization = Reason{High, "gives the right to administer the organization, or its sites"}
	wholeSite         = Reason{High, "the whole site leaves, or is replaced"}
	blinds            = Reason{High, "blinds those who watch"}
)
