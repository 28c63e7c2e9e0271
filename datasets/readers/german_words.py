"""The German that the verifier knows: nouns with their forms, adjectives, numbers, skies, sides and shelves."""

from __future__ import annotations

_TABLE = """
car: das Auto, Autos
vehicle: das Fahrzeug, Fahrzeuge
hatchback: der Kompaktwagen, Kompaktwagen
sedan: die Limousine, Limousinen
estate car: der Kombi, Kombis
SUV: der SUV, SUVs
minivan: der Minivan, Minivans
taxi: das Taxi, Taxis
van: der Lieferwagen, Lieferwagen
truck: der Lastwagen, Lastwagen
pickup truck: der Pick-up, Pick-ups
bus: der Bus, Busse
cyclist: der Radfahrer, Radfahrer
pedestrian: der Fußgänger, Fußgänger
bicycle: das Fahrrad, Fahrräder
traffic light: die Ampel, Ampeln
sign: das Schild, Schilder
traffic sign: das Verkehrsschild, Verkehrsschilder
street name sign: das Straßenschild, Straßenschilder
traffic cone: der Leitkegel, Leitkegel
post: der Pfosten, Pfosten
lamp post: die Straßenlaterne, Straßenlaternen
bollard: der Poller, Poller
bench: die Bank, Bänke
bus shelter: das Wartehäuschen, Wartehäuschen
litter bin: der Abfalleimer, Abfalleimer
building: das Gebäude, Gebäude
tree: der Baum, Bäume
hedge: die Hecke, Hecken
animal: das Tier, Tiere
dog: der Hund, Hunde
cat: die Katze, Katzen
horse: das Pferd, Pferde
cow: die Kuh, Kühe
sheep: das Schaf, Schafe
deer: der Hirsch, Hirsche
object: der Gegenstand, Gegenstände
ball: die Kugel, Kugeln
block: der Block, Blöcke
box: der Kasten, Kästen
capsule: die Kapsel, Kapseln
cone: der Kegel, Kegel
cube: der Würfel, Würfel
cylinder: der Zylinder, Zylinder
pyramid: die Pyramide, Pyramiden
ring: der Ring, Ringe
table: der Tisch, Tische
worktop: die Arbeitsplatte, Arbeitsplatten
shelf: das Regalbrett, Regalbretter
bookcase: das Bücherregal, Bücherregale
chair: der Stuhl, Stühle
lamp: die Lampe, Lampen
clock: die Uhr, Uhren
picture: das Bild, Bilder
plant: die Pflanze, Pflanzen
plank: das Brett, Bretter
book: das Buch, Bücher
robot arm: der Roboterarm, Roboterarme
basket: der Korb, Körbe
crate: die Kiste, Kisten
bowl: die Schüssel, Schüsseln
plate: der Teller, Teller
mug: der Becher, Becher
cup: die Tasse, Tassen
glass: das Glas, Gläser
wine glass: das Weinglas, Weingläser
bottle: die Flasche, Flaschen
jar: die Vorratsdose, Vorratsdosen
jug: der Krug, Krüge
carafe: die Karaffe, Karaffen
vase: die Vase, Vasen
can: die Getränkedose, Getränkedosen
tin: die Konservendose, Konservendosen
pot: der Topf, Töpfe
pan: die Pfanne, Pfannen
kettle: der Wasserkessel, Wasserkessel
teapot: die Teekanne, Teekannen
toaster: der Toaster, Toaster
cutting board: das Schneidebrett, Schneidebretter
knife: das Messer, Messer
fork: die Gabel, Gabeln
spoon: der Löffel, Löffel
apple: der Apfel, Äpfel
banana: die Banane, Bananen
pear: die Birne, Birnen
orange: die Orange, Orangen
lemon: die Zitrone, Zitronen
carrot: die Karotte, Karotten
tomato: die Tomate, Tomaten
loaf: das Brot, Brote
packet: die Packung, Packungen
cereal box: die Müslischachtel, Müslischachteln
milk carton: die Milchtüte, Milchtüten
machined plate: die Metallplatte, Metallplatten
bracket: der Blechwinkel, Blechwinkel
gear: das Zahnrad, Zahnräder
casting: das Gussteil, Gussteile
circuit board: die Leiterplatte, Leiterplatten
closure: der Verschluss, Verschlüsse
"""
GENDERS = {"der": "m", "die": "f", "das": "u"}
"""Definite article -> gender: masculine, feminine, neuter."""


def _rows() -> dict[str, tuple[str, str, str]]:
    rows = {}
    for line in _TABLE.strip().splitlines():
        key, words = line.split(": ")
        one, many = words.split(", ")
        article, noun = one.split(" ")
        rows[key] = (GENDERS[article], noun, many)
    return rows


NOUNS: dict[str, tuple[str, str, str]] = _rows()
"""Key -> gender, singular, plural."""

COLOUR_STEMS = {
    "schwarz": "black",
    "weiß": "white",
    "silbern": "silver",
    "grau": "grey",
    "rot": "red",
    "blau": "blue",
    "grün": "green",
    "gelb": "yellow",
    "orangefarben": "orange",
    "braun": "brown",
    "beigefarben": "beige",
    "dunkelblau": "navy",
    "violett": "purple",
    "rosafarben": "pink",
    "türkisfarben": "cyan",
}
WORN = {
    "Schwarz": "black",
    "Weiß": "white",
    "Silber": "silver",
    "Grau": "grey",
    "Rot": "red",
    "Blau": "blue",
    "Grün": "green",
    "Gelb": "yellow",
    "Orange": "orange",
    "Braun": "brown",
    "Beige": "beige",
    "Dunkelblau": "navy",
    "Violett": "purple",
    "Rosa": "pink",
    "Türkis": "cyan",
}
MATERIALS = {
    "Kunststoff": "plastic",
    "Metall": "metal",
    "Gummi": "rubber",
    "Holz": "wooden",
    "Glas": "glass",
    "Keramik": "ceramic",
    "Stoff": "fabric",
    "Leder": "leather",
    "Stein": "stone",
    "Papier": "paper",
}
_NUMBERS = (
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
)


def count_of(word: str) -> int | None:
    """ "drei" -> 3, "14" -> 14; None for what counts nothing. Up to twelve only words do, and one is an article."""
    if word in _NUMBERS[2:]:
        return _NUMBERS.index(word)
    return int(word) if word.isdigit() and word.isascii() and int(word) > 12 and word[0] != "0" else None


def in_dative(many: str) -> str:
    """The dative of a plural."""
    return many + ("" if many[-1] in "ns" else "n")


SKY = {
    "bei Sonnenschein": "sunny",
    "bei tief stehender Sonne": "low sun",
    "unter teils bewölktem Himmel": "cloudy",
    "unter bedecktem Himmel": "overcast",
    "im Nebel": "foggy",
    "im Regen": "rainy",
    "im Schneefall": "snowy",
    "bei staubiger Luft": "dusty",
}
SKY_CLAUSES = {
    "die Sonne scheint": "sunny",
    "die Sonne steht tief": "low sun",
    "der Himmel ist teils bewölkt": "cloudy",
    "der Himmel ist bedeckt": "overcast",
    "es ist neblig": "foggy",
    "es regnet": "rainy",
    "es schneit": "snowy",
    "die Luft ist staubig": "dusty",
}
TIMES = {
    "bei Nacht": "night",
    "in der Dämmerung": "twilight",
    "es ist Nacht": "night",
    "es dämmert": "twilight",
    "Tag": "day",
    "Nacht": "night",
    "am Tag": "day",
    "in der Nacht": "night",
}
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
"""What somebody does for whose sake we do something, now and then."""
EFFECTS = {"brems": "braking", "halten": "stopping", "Spur": "lane_change", "hinüber": "moving_over"}
"""A piece of a word for what we do, by which it is known."""
PLACES = {"Straße": "street", "Landstraße": "road", "Autobahn": "motorway"}
LINES = {"Bäume": "trees", "Häuser": "buildings", "Bäumen": "trees", "Häusern": "buildings"}
SIDES = {
    "links": "left",
    "rechts": "right",
    "linke": "left",
    "rechte": "right",
    "linken": "left",
    "rechten": "right",
    "Linken": "left",
    "Rechten": "right",
    "Linkskurve": "left",
    "Rechtskurve": "right",
}
GROUNDS = {"dem Gehweg": "pavement", "der Fahrbahn": "road", "dem Boden": "ground", "dem Fußboden": "floor"}
SHELVES = {
    "obersten": "top",
    "untersten": "bottom",
    "mittleren": "middle",
    "zweiten": "second",
    "dritten": "third",
    "vierten": "fourth",
    "fünften": "fifth",
}
SHELF_ENDS = {"von oben": "from the top", "von unten": "from the bottom"}

TAGS: dict[str, tuple[str, str]] = {
    **{word: ("place", key) for word, key in PLACES.items()},
    "Bäume": ("scenery", "trees"),
    "Häuser": ("scenery", "buildings"),
    **{
        word: ("weather", key)
        for word, key in {
            "sonnig": "sunny",
            "tief stehende Sonne": "low sun",
            "teils bewölkt": "cloudy",
            "bedeckter Himmel": "overcast",
            "neblig": "foggy",
            "regnerisch": "rainy",
            "Schneefall": "snowy",
            "staubig": "dusty",
            "Nacht": "night",
            "Dämmerung": "twilight",
            "nass": "wet",
            "verschneit": "snow-covered",
        }.items()
    },
}
"""Tags that are no nouns of things, and what they claim."""
