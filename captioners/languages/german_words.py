"""German words for the keys of meanings: nouns with gender and plural, stems of adjectives, fixed phrases."""

from __future__ import annotations

NOUNS: dict[str, tuple[str, str, str]] = {
    # Road users and what stands beside a road
    "car": ("n", "Auto", "Autos"),
    "vehicle": ("n", "Fahrzeug", "Fahrzeuge"),
    "hatchback": ("m", "Kompaktwagen", "Kompaktwagen"),
    "sedan": ("f", "Limousine", "Limousinen"),
    "estate car": ("m", "Kombi", "Kombis"),
    "SUV": ("m", "SUV", "SUVs"),
    "minivan": ("m", "Minivan", "Minivans"),
    "taxi": ("n", "Taxi", "Taxis"),
    "van": ("m", "Lieferwagen", "Lieferwagen"),
    "truck": ("m", "Lastwagen", "Lastwagen"),
    "pickup truck": ("m", "Pick-up", "Pick-ups"),
    "bus": ("m", "Bus", "Busse"),
    "cyclist": ("m", "Radfahrer", "Radfahrer"),
    "pedestrian": ("m", "Fußgänger", "Fußgänger"),
    "bicycle": ("n", "Fahrrad", "Fahrräder"),
    "traffic light": ("f", "Ampel", "Ampeln"),
    "sign": ("n", "Schild", "Schilder"),
    "traffic sign": ("n", "Verkehrsschild", "Verkehrsschilder"),
    "street name sign": ("n", "Straßenschild", "Straßenschilder"),
    "traffic cone": ("m", "Leitkegel", "Leitkegel"),
    "post": ("m", "Pfosten", "Pfosten"),
    "lamp post": ("f", "Straßenlaterne", "Straßenlaternen"),
    "bollard": ("m", "Poller", "Poller"),
    "bench": ("f", "Bank", "Bänke"),
    "bus shelter": ("n", "Wartehäuschen", "Wartehäuschen"),
    "litter bin": ("m", "Abfalleimer", "Abfalleimer"),
    "building": ("n", "Gebäude", "Gebäude"),
    "tree": ("m", "Baum", "Bäume"),
    "hedge": ("f", "Hecke", "Hecken"),
    # Animals
    "animal": ("n", "Tier", "Tiere"),
    "dog": ("m", "Hund", "Hunde"),
    "cat": ("f", "Katze", "Katzen"),
    "horse": ("n", "Pferd", "Pferde"),
    "cow": ("f", "Kuh", "Kühe"),
    "sheep": ("n", "Schaf", "Schafe"),
    "deer": ("m", "Hirsch", "Hirsche"),
    # Plain solids
    "object": ("m", "Gegenstand", "Gegenstände"),
    "ball": ("f", "Kugel", "Kugeln"),
    "block": ("m", "Block", "Blöcke"),
    "box": ("m", "Kasten", "Kästen"),
    "capsule": ("f", "Kapsel", "Kapseln"),
    "cone": ("m", "Kegel", "Kegel"),
    "cube": ("m", "Würfel", "Würfel"),
    "cylinder": ("m", "Zylinder", "Zylinder"),
    "pyramid": ("f", "Pyramide", "Pyramiden"),
    "ring": ("m", "Ring", "Ringe"),
    # Furniture
    "table": ("m", "Tisch", "Tische"),
    "worktop": ("f", "Arbeitsplatte", "Arbeitsplatten"),
    "shelf": ("n", "Regalbrett", "Regalbretter"),
    "bookcase": ("n", "Bücherregal", "Bücherregale"),
    "chair": ("m", "Stuhl", "Stühle"),
    "lamp": ("f", "Lampe", "Lampen"),
    "clock": ("f", "Uhr", "Uhren"),
    "picture": ("n", "Bild", "Bilder"),
    "plant": ("f", "Pflanze", "Pflanzen"),
    "plank": ("n", "Brett", "Bretter"),
    "book": ("n", "Buch", "Bücher"),
    "robot arm": ("m", "Roboterarm", "Roboterarme"),
    # Vessels and tableware
    "basket": ("m", "Korb", "Körbe"),
    "crate": ("f", "Kiste", "Kisten"),
    "bowl": ("f", "Schüssel", "Schüsseln"),
    "plate": ("m", "Teller", "Teller"),
    "mug": ("m", "Becher", "Becher"),
    "cup": ("f", "Tasse", "Tassen"),
    "glass": ("n", "Glas", "Gläser"),
    "wine glass": ("n", "Weinglas", "Weingläser"),
    "bottle": ("f", "Flasche", "Flaschen"),
    "jar": ("f", "Vorratsdose", "Vorratsdosen"),
    "jug": ("m", "Krug", "Krüge"),
    "carafe": ("f", "Karaffe", "Karaffen"),
    "vase": ("f", "Vase", "Vasen"),
    "can": ("f", "Getränkedose", "Getränkedosen"),
    "tin": ("f", "Konservendose", "Konservendosen"),
    "pot": ("m", "Topf", "Töpfe"),
    "pan": ("f", "Pfanne", "Pfannen"),
    "kettle": ("m", "Wasserkessel", "Wasserkessel"),
    "teapot": ("f", "Teekanne", "Teekannen"),
    "toaster": ("m", "Toaster", "Toaster"),
    "cutting board": ("n", "Schneidebrett", "Schneidebretter"),
    "knife": ("n", "Messer", "Messer"),
    "fork": ("f", "Gabel", "Gabeln"),
    "spoon": ("m", "Löffel", "Löffel"),
    # Food
    "apple": ("m", "Apfel", "Äpfel"),
    "banana": ("f", "Banane", "Bananen"),
    "pear": ("f", "Birne", "Birnen"),
    "orange": ("f", "Orange", "Orangen"),
    "lemon": ("f", "Zitrone", "Zitronen"),
    "carrot": ("f", "Karotte", "Karotten"),
    "tomato": ("f", "Tomate", "Tomaten"),
    "loaf": ("n", "Brot", "Brote"),
    "packet": ("f", "Packung", "Packungen"),
    "cereal box": ("f", "Müslischachtel", "Müslischachteln"),
    "milk carton": ("f", "Milchtüte", "Milchtüten"),
    # Inspected parts
    "machined plate": ("f", "Metallplatte", "Metallplatten"),
    "bracket": ("m", "Blechwinkel", "Blechwinkel"),
    "gear": ("n", "Zahnrad", "Zahnräder"),
    "casting": ("n", "Gussteil", "Gussteile"),
    "circuit board": ("f", "Leiterplatte", "Leiterplatten"),
    "closure": ("m", "Verschluss", "Verschlüsse"),
}
"""Key -> gender ("m", "f", "n"), nominative singular, nominative plural. No noun here bends in the singular."""

COLOURS: dict[str, tuple[str, str]] = {
    "black": ("schwarz", "Schwarz"),
    "white": ("weiß", "Weiß"),
    "silver": ("silbern", "Silber"),
    "grey": ("grau", "Grau"),
    "red": ("rot", "Rot"),
    "blue": ("blau", "Blau"),
    "green": ("grün", "Grün"),
    "yellow": ("gelb", "Gelb"),
    "orange": ("orangefarben", "Orange"),
    "brown": ("braun", "Braun"),
    "beige": ("beigefarben", "Beige"),
    "navy": ("dunkelblau", "Dunkelblau"),
    "purple": ("violett", "Violett"),
    "pink": ("rosafarben", "Rosa"),
    "cyan": ("türkisfarben", "Türkis"),
}
"""Key -> stem of the adjective, and the colour as a noun, which people wear ("in Grün")."""

PARTICIPLES = {"parked": "geparkt"}

MATERIALS = {
    "plastic": "Kunststoff",
    "metal": "Metall",
    "rubber": "Gummi",
    "wooden": "Holz",
    "glass": "Glas",
    "ceramic": "Keramik",
    "fabric": "Stoff",
    "leather": "Leder",
    "stone": "Stein",
    "paper": "Papier",
}

COMPOUNDING = frozenset(
    {
        *("ball", "block", "box", "capsule", "cone", "cube", "cylinder", "pyramid", "ring", "table", "chair"),
        *("bottle", "bowl", "carafe", "vase", "plate", "cup", "mug", "pot", "lamp", "crate", "bench", "jug"),
    }
)
"""Short nouns, which take their material in front ("Holzwürfel"); others have it behind ("Brett aus Holz")."""

WEARERS = frozenset({"pedestrian", "cyclist"})

SIDES = {"left": "links", "right": "rechts"}
SIDE_STEMS = {"left": "link", "right": "recht"}
GROUNDS = {"pavement": "dem Gehweg", "road": "der Fahrbahn", "ground": "dem Boden", "floor": "dem Fußboden"}
"""Key -> dative."""

PLACES = {"street": "Straße", "road": "Landstraße", "motorway": "Autobahn"}
"""All feminine."""
LINES = {"trees": ("Bäume", "Bäumen"), "buildings": ("Häuser", "Häusern")}
"""Key -> nominative and dative."""
GROUND_STEMS = {"wet": "nass", "snow-covered": "verschneit"}
SURFACES = {"wet": "nass", "snow-covered": "schneebedeckt"}
TIMES = {"night": "bei Nacht", "twilight": "in der Dämmerung"}
MOODS = {
    "sunny": "bei Sonnenschein",
    "low sun": "bei tief stehender Sonne",
    "cloudy": "unter teils bewölktem Himmel",
    "overcast": "unter bedecktem Himmel",
    "foggy": "im Nebel",
    "rainy": "im Regen",
    "snowy": "im Schneefall",
    "dusty": "bei staubiger Luft",
}
HOURS = {"night": "es ist Nacht", "twilight": "es dämmert"}
SKIES = {
    "sunny": "die Sonne scheint",
    "low sun": "die Sonne steht tief",
    "cloudy": "der Himmel ist teils bewölkt",
    "overcast": "der Himmel ist bedeckt",
    "foggy": "es ist neblig",
    "rainy": "es regnet",
    "snowy": "es schneit",
    "dusty": "die Luft ist staubig",
}
DAYS = {"day": "Tag", "night": "Nacht"}
TAGS = {
    **PLACES,
    "sunny": "sonnig",
    "low sun": "tief stehende Sonne",
    "cloudy": "teils bewölkt",
    "overcast": "bedeckter Himmel",
    "foggy": "neblig",
    "rainy": "regnerisch",
    "snowy": "Schneefall",
    "dusty": "staubig",
    "night": "Nacht",
    "twilight": "Dämmerung",
    **GROUND_STEMS,
    **{line: words[0] for line, words in LINES.items()},
}
"""Single words about a street."""

PARTS = {"start": "zu Beginn", "end": "gegen Ende"}
"""Of a clip."""

NEXT = {
    "stop": "anhalten",
    "set_off": "aus dem Stand {} erreichen",
    "slow": "auf {} abbremsen",
    "speed_up": "auf {} beschleunigen",
    "keep": "unser Tempo halten",
}
THEN = {
    "stop": "stehen",
    "set_off": "mit {} unterwegs sein",
    "slow": "nur noch {} fahren",
    "speed_up": "schon {} fahren",
    "keep": "noch genauso schnell fahren",
}
"""What we will do within two seconds, and what we will have come to; {} is the speed."""

EFFECTS = {
    "braking": ("bremsen", "", "haben", "gebremst"),
    "stopping": ("halten", "an", "haben", "angehalten"),
    "lane_change": ("wechseln", "die Spur{}", "haben", "die Spur{} gewechselt"),
    "moving_over": ("ziehen", "{} hinüber", "sind", "{} hinübergezogen"),
}
"""What we do and have done: verb and the rest of the predicate in the present, and in the perfect; {} is whither."""
_TO_THE_END = {
    "braking": "bremsen",
    "stopping": "anhalten",
    "lane_change": "die Spur{} wechseln",
    "moving_over": "{} hinüberziehen",
}
SUBORDINATE = {what: (_TO_THE_END[what], f"{done} {aux}") for what, (_, _, aux, done) in EFFECTS.items()}
"""The same with the verb at the end."""
ACTS = {
    "crossing_road": ("die Fahrbahn überquert", "die Fahrbahn überquerte"),
    "cutting_in": ("vor uns einschert", "vor uns einscherte"),
    "ran_red": ("bei Rot fährt", "bei Rot fuhr"),
    "lane_change": ("die Spur wechselt", "die Spur wechselte"),
    "moving_over": ("herüberzieht", "herüberzog"),
    "stopping": ("anhält", "anhielt"),
    "braking": ("langsamer wird", "langsamer wurde"),
    "starting": ("sich in Bewegung setzt", "sich in Bewegung setzte"),
    "turning": ("abbiegt", "abbog"),
}
"""What somebody does whom we do it for, now and then, the verb at the end."""

SHELF_STEMS = {
    "top": "oberst",
    "bottom": "unterst",
    "middle": "mittler",
    "second": "zweit",
    "third": "dritt",
    "fourth": "viert",
    "fifth": "fünft",
}
ENDS = {"top": "oben", "bottom": "unten"}
