//! What people call zones, beside their names in the IANA database and the cities in those.

/// What a name stands for: a zone, and what it is called in the note that says so.
pub(super) struct Meaning {
    pub(super) name: &'static str,
    pub(super) zone: &'static str,
    pub(super) called: &'static str,
}

const fn is(name: &'static str, zone: &'static str, called: &'static str) -> Meaning {
    Meaning { name, zone, called }
}

const NEW_YORK: (&str, &str) = ("America/New_York", "New York time");
const CHICAGO: (&str, &str) = ("America/Chicago", "Chicago time");
const DENVER: (&str, &str) = ("America/Denver", "Denver time");
const LOS_ANGELES: (&str, &str) = ("America/Los_Angeles", "Los Angeles time");
const LONDON: (&str, &str) = ("Europe/London", "London time");
const CENTRAL_EUROPE: (&str, &str) = ("Europe/Berlin", "Central European time");
const EASTERN_EUROPE: (&str, &str) = ("Europe/Athens", "Eastern European time");
const WESTERN_EUROPE: (&str, &str) = ("Europe/Lisbon", "Western European time");
const INDIA: (&str, &str) = ("Asia/Kolkata", "India time");
const JAPAN: (&str, &str) = ("Asia/Tokyo", "Tokyo time");
const CHINA: (&str, &str) = ("Asia/Shanghai", "China time");
const SYDNEY: (&str, &str) = ("Australia/Sydney", "Sydney time");

const fn of(name: &'static str, (zone, called): (&'static str, &'static str)) -> Meaning {
    is(name, zone, called)
}

/// Abbreviations and names of regions. They mean the civil time of the region, summer time included.
pub(super) const REGIONS: &[Meaning] = &[
    of("et", NEW_YORK),
    of("est", NEW_YORK),
    of("edt", NEW_YORK),
    of("eastern", NEW_YORK),
    of("us eastern", NEW_YORK),
    of("ct", CHICAGO),
    of("cst", CHICAGO),
    of("cdt", CHICAGO),
    of("central", CHICAGO),
    of("us central", CHICAGO),
    of("mt", DENVER),
    of("mst", DENVER),
    of("mdt", DENVER),
    of("mountain", DENVER),
    of("us mountain", DENVER),
    of("pt", LOS_ANGELES),
    of("pst", LOS_ANGELES),
    of("pdt", LOS_ANGELES),
    of("pacific", LOS_ANGELES),
    of("us pacific", LOS_ANGELES),
    is("akst", "America/Anchorage", "Alaska time"),
    is("akdt", "America/Anchorage", "Alaska time"),
    is("alaska", "America/Anchorage", "Alaska time"),
    is("hst", "Pacific/Honolulu", "Hawaii time"),
    is("hawaii", "Pacific/Honolulu", "Hawaii time"),
    is("nst", "America/St_Johns", "Newfoundland time"),
    is("newfoundland", "America/St_Johns", "Newfoundland time"),
    is("atlantic", "America/Halifax", "Halifax time"),
    is("brt", "America/Sao_Paulo", "São Paulo time"),
    of("bst", LONDON),
    of("british", LONDON),
    of("british summer", LONDON),
    of("uk", LONDON),
    of("cet", CENTRAL_EUROPE),
    of("cest", CENTRAL_EUROPE),
    of("central european", CENTRAL_EUROPE),
    of("central european summer", CENTRAL_EUROPE),
    of("mez", CENTRAL_EUROPE),
    of("mesz", CENTRAL_EUROPE),
    of("eet", EASTERN_EUROPE),
    of("eest", EASTERN_EUROPE),
    of("eastern european", EASTERN_EUROPE),
    of("wet", WESTERN_EUROPE),
    of("west", WESTERN_EUROPE),
    of("western european", WESTERN_EUROPE),
    is("msk", "Europe/Moscow", "Moscow time"),
    is("trt", "Europe/Istanbul", "Turkey time"),
    is("sast", "Africa/Johannesburg", "South Africa time"),
    is("eat", "Africa/Nairobi", "East Africa time"),
    is("pkt", "Asia/Karachi", "Pakistan time"),
    is("npt", "Asia/Kathmandu", "Nepal time"),
    of("india", INDIA),
    of("indian", INDIA),
    of("india standard", INDIA),
    of("indian standard", INDIA),
    is("ict", "Asia/Bangkok", "Indochina time"),
    is("wib", "Asia/Jakarta", "Western Indonesia time"),
    is("sgt", "Asia/Singapore", "Singapore time"),
    is("hkt", "Asia/Hong_Kong", "Hong Kong time"),
    of("china", CHINA),
    of("china standard", CHINA),
    of("jst", JAPAN),
    of("japan", JAPAN),
    is("kst", "Asia/Seoul", "Korea time"),
    is("korea", "Asia/Seoul", "Korea time"),
    is("awst", "Australia/Perth", "Perth time"),
    is("acst", "Australia/Adelaide", "Adelaide time"),
    is("acdt", "Australia/Adelaide", "Adelaide time"),
    of("aest", SYDNEY),
    of("aedt", SYDNEY),
    of("aet", SYDNEY),
    is("nzst", "Pacific/Auckland", "New Zealand time"),
    is("nzdt", "Pacific/Auckland", "New Zealand time"),
    is("nzt", "Pacific/Auckland", "New Zealand time"),
    is("new zealand", "Pacific/Auckland", "New Zealand time"),
    is("gmt", "UTC", "UTC, which knows no summer time"),
    is("greenwich mean", "UTC", "UTC, which knows no summer time"),
    is("zulu", "UTC", "UTC"),
    is("z", "UTC", "UTC"),
    is("coordinated universal", "UTC", "UTC"),
    is("universal", "UTC", "UTC"),
];

/// Cities and countries that the database does not name, and what their clocks go by.
pub(super) const PLACES: &[Meaning] = &[
    of("nyc", NEW_YORK),
    of("boston", NEW_YORK),
    of("washington", NEW_YORK),
    of("washington dc", NEW_YORK),
    of("philadelphia", NEW_YORK),
    of("miami", NEW_YORK),
    of("atlanta", NEW_YORK),
    of("dallas", CHICAGO),
    of("houston", CHICAGO),
    of("austin", CHICAGO),
    of("minneapolis", CHICAGO),
    of("salt lake city", DENVER),
    of("san francisco", LOS_ANGELES),
    of("sf", LOS_ANGELES),
    of("san diego", LOS_ANGELES),
    of("seattle", LOS_ANGELES),
    of("portland", LOS_ANGELES),
    of("las vegas", LOS_ANGELES),
    of("la", LOS_ANGELES),
    of("california", LOS_ANGELES),
    is("ottawa", "America/Toronto", "Toronto time"),
    is("calgary", "America/Edmonton", "Edmonton time"),
    is("rio", "America/Sao_Paulo", "São Paulo time"),
    is("rio de janeiro", "America/Sao_Paulo", "São Paulo time"),
    is("brasilia", "America/Sao_Paulo", "São Paulo time"),
    is("são paulo", "America/Sao_Paulo", "São Paulo time"),
    of("edinburgh", LONDON),
    of("manchester", LONDON),
    of("england", LONDON),
    of("britain", LONDON),
    is("ireland", "Europe/Dublin", "Dublin time"),
    is("munich", "Europe/Berlin", "Berlin time"),
    is("hamburg", "Europe/Berlin", "Berlin time"),
    is("frankfurt", "Europe/Berlin", "Berlin time"),
    is("cologne", "Europe/Berlin", "Berlin time"),
    is("germany", "Europe/Berlin", "Berlin time"),
    is("german", "Europe/Berlin", "Berlin time"),
    is("austria", "Europe/Vienna", "Vienna time"),
    is("geneva", "Europe/Zurich", "Zurich time"),
    is("zürich", "Europe/Zurich", "Zurich time"),
    is("switzerland", "Europe/Zurich", "Zurich time"),
    is("france", "Europe/Paris", "Paris time"),
    is("lyon", "Europe/Paris", "Paris time"),
    is("barcelona", "Europe/Madrid", "Madrid time"),
    is("milan", "Europe/Rome", "Rome time"),
    is("italy", "Europe/Rome", "Rome time"),
    is("poland", "Europe/Warsaw", "Warsaw time"),
    is("sweden", "Europe/Stockholm", "Stockholm time"),
    is("norway", "Europe/Oslo", "Oslo time"),
    is("denmark", "Europe/Copenhagen", "Copenhagen time"),
    is("finland", "Europe/Helsinki", "Helsinki time"),
    is("netherlands", "Europe/Amsterdam", "Amsterdam time"),
    is("belgium", "Europe/Brussels", "Brussels time"),
    is("greece", "Europe/Athens", "Athens time"),
    is("kiev", "Europe/Kyiv", "Kyiv time"),
    is("ukraine", "Europe/Kyiv", "Kyiv time"),
    is("turkey", "Europe/Istanbul", "Istanbul time"),
    is("israel", "Asia/Jerusalem", "Jerusalem time"),
    is("tel aviv", "Asia/Jerusalem", "Jerusalem time"),
    is("abu dhabi", "Asia/Dubai", "Dubai time"),
    is("cape town", "Africa/Johannesburg", "Johannesburg time"),
    of("mumbai", INDIA),
    of("delhi", INDIA),
    of("new delhi", INDIA),
    of("bangalore", INDIA),
    of("bengaluru", INDIA),
    of("chennai", INDIA),
    of("hyderabad", INDIA),
    is("nepal", "Asia/Kathmandu", "Nepal time"),
    of("beijing", CHINA),
    of("shenzhen", CHINA),
    of("osaka", JAPAN),
    of("kyoto", JAPAN),
    is("saigon", "Asia/Ho_Chi_Minh", "Ho Chi Minh City time"),
    is("hanoi", "Asia/Ho_Chi_Minh", "Ho Chi Minh City time"),
    is("canberra", "Australia/Sydney", "Sydney time"),
    is("wellington", "Pacific/Auckland", "Auckland time"),
];

/// Abbreviations that several regions use, with what they could mean.
pub(super) const SEVERAL: &[(&str, &str)] = &[
    ("ist", "India (Asia/Kolkata), Ireland (Europe/Dublin) or Israel (Asia/Jerusalem)"),
    ("ast", "Atlantic Canada (America/Halifax) or Arabia (Asia/Riyadh)"),
    ("adt", "Atlantic Canada (America/Halifax) or Arabia (Asia/Riyadh)"),
    ("gst", "the Gulf (Asia/Dubai) or South Georgia (Atlantic/South_Georgia)"),
    ("sst", "Samoa (Pacific/Pago_Pago) or Singapore (Asia/Singapore)"),
    ("wst", "Western Australia (Australia/Perth) or Samoa (Pacific/Apia)"),
    ("pht", "the Philippines (Asia/Manila)"),
];

/// Last parts of names in the database that are words of their own, or that name no place in use.
pub(super) const NO_CITIES: &[&str] = &[
    "center", "easter", "midway", "north", "south", "west", "wake", "general", "central", "pacific",
    "eastern", "mountain", "alaska", "hawaii", "atlantic", "act", "nsw", "lhi", "troll", "davis", "casey",
    "yap", "acre",
];

/// Where in the database cities are.
pub(super) const REGIONS_OF_CITIES: &[&str] = &[
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];
