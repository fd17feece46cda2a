"""Names of people, places and firms in the three flavours of Belgium. Data only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flavour:
    """What one language community calls its people, streets and firms."""

    language: str
    men: tuple[str, ...]
    women: tuple[str, ...]
    surnames: tuple[str, ...]
    titles: tuple[str, str]  # of a man, of a woman
    streets: tuple[str, ...]  # {} is the house number
    places: tuple[tuple[str, str], ...]  # postal code and name
    forms: tuple[str, ...]  # legal forms


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


DUTCH = Flavour(
    language="nl",
    men=_words(
        "Jan Peter Luc Marc Koen Bart Tom Wim Dirk Geert Johan Stijn Pieter Jeroen Kristof Thomas Maarten "
        "Bram Joris Wout Robbe Jef Karel Frank Guido Ruben Simon Mohamed Mehmet Youssef Ömer"
    ),
    women=_words(
        "Ann Sofie Katrien Els Lies Griet Inge Leen Hilde Veerle Tine Sara Eva Lotte Emma Julie Charlotte "
        "Annelies Marijke Greet Nele Joke Hanne Femke Lien Silke Fatima Aïcha Zeynep Noëlla"
    ),
    surnames=_words(
        "Peeters Janssens Maes Jacobs Mertens Willems Claes Goossens Wouters De_Smet Vermeulen Pauwels "
        "Hermans Aerts Michiels Martens De_Vos Hendrickx Stevens De_Clercq Van_den_Broeck Van_Damme Smets "
        "Coppens Verhoeven Cools Lemmens Bogaert Desmet De_Backer Wuyts D'Hondt Vandenberghe Claeys "
        "Segers Thijs Verbeke Declercq Van_Acker Moens Cuypers Baert De_Wilde Lauwers Geerts El_Amrani "
        "Yilmaz Benali Özdemir Nguyen"
    ),
    titles=("Dhr.", "Mevr."),
    streets=_words(
        "Kerkstraat_{} Stationsstraat_{} Molenstraat_{} Nieuwstraat_{} Dorpsstraat_{} Schoolstraat_{} "
        "Veldstraat_{} Leuvensesteenweg_{} Industrielaan_{} Kapellelaan_{} Boomgaardlei_{} Groenplaats_{}"
    ),
    places=(
        ("2000", "Antwerpen"),
        ("9000", "Gent"),
        ("8000", "Brugge"),
        ("3000", "Leuven"),
        ("2800", "Mechelen"),
        ("3500", "Hasselt"),
        ("8500", "Kortrijk"),
        ("9300", "Aalst"),
        ("2300", "Turnhout"),
        ("3600", "Genk"),
        ("8800", "Roeselare"),
        ("1000", "Brussel"),
        ("1500", "Halle"),
    ),
    forms=_words("BV BV BV NV NV VZW CV Comm.V"),
)

FRENCH = Flavour(
    language="fr",
    men=_words(
        "Jean Philippe Michel Marc Luc Pierre Alain Benoît Christophe Olivier Nicolas Julien Thomas Maxime "
        "Antoine François Étienne Stéphane Grégory Loïc Quentin Bruno Didier Thierry Mehdi Karim Giuseppe "
        "Hugo Noé Cédric"
    ),
    women=_words(
        "Marie Nathalie Isabelle Anne Sophie Catherine Céline Aurélie Valérie Julie Hélène Françoise "
        "Stéphanie Laurence Émilie Camille Léa Chloé Manon Zoé Inès Véronique Martine Brigitte Laetitia "
        "Samira Naïma Giulia Élodie Pauline"
    ),
    surnames=_words(
        "Dubois Lambert Martin Dupont Simon Laurent Leclercq Lejeune Denis François Renard Gérard Mathieu "
        "Lemaire Collard Delvaux Lefèvre Hubert Petit Wauters Charlier Bertrand Rousseau Noël Henry "
        "Thiry Dumont Fontaine Legrand Marchal Collin Jacquet Bodart Evrard Goffin Lecomte Toussaint "
        "Dethier Piérard Stassen Rossi Esposito Bouzidi Diallo D'Angelo Haddad Mbuyi Kowalski"
    ),
    titles=("M.", "Mme"),
    streets=_words(
        "Rue_de_l'Église_{} Rue_de_la_Station_{} Rue_du_Moulin_{} Grand-Place_{} Rue_Haute_{} Rue_Neuve_{} "
        "Chaussée_de_Namur_{} Avenue_des_Tilleuls_{} Rue_des_Écoles_{} Place_Communale_{} Quai_de_Meuse_{}"
    ),
    places=(
        ("4000", "Liège"),
        ("6000", "Charleroi"),
        ("5000", "Namur"),
        ("7000", "Mons"),
        ("7500", "Tournai"),
        ("1300", "Wavre"),
        ("1400", "Nivelles"),
        ("4800", "Verviers"),
        ("6700", "Arlon"),
        ("4500", "Huy"),
        ("7100", "La Louvière"),
        ("1000", "Bruxelles"),
        ("5500", "Dinant"),
    ),
    forms=_words("SRL SRL SRL SA SA ASBL SC SComm"),
)

GERMAN = Flavour(
    language="de",
    men=_words(
        "Hans Klaus Jürgen Günther Dieter Manfred Werner Ralf Guido Erwin Markus Stefan Andreas Jörg "
        "Björn Tobias Lukas Felix Bernd Rainer"
    ),
    women=_words(
        "Ursula Monika Petra Sabine Gabriele Karin Birgit Claudia Anja Katja Käthe Jutta Nadine Sandra "
        "Hannah Lena Miriam Heike Ruth Mareike"
    ),
    surnames=_words(
        "Müller Schmitz Heinen Kohnen Jost Schröder Lenz Reuter Margraff Genten Kessler Thönnes Pauels "
        "Wiesemes Küpper Arens Cremer Dahm Fickers Grommes Hilgers Jousten Keutgen Laschet Niessen Peters "
        "Radermacher Servais Theissen Wertz"
    ),
    titles=("Herr", "Frau"),
    streets=_words(
        "Hauptstraße_{} Kirchstraße_{} Aachener_Straße_{} Bahnhofstraße_{} Schulstraße_{} "
        "Vervierser_Straße_{} Am_Markt_{} Malmedyer_Straße_{}"
    ),
    places=(
        ("4700", "Eupen"),
        ("4780", "Sankt Vith"),
        ("4720", "Kelmis"),
        ("4730", "Raeren"),
        ("4760", "Büllingen"),
        ("4770", "Amel"),
        ("4750", "Bütgenbach"),
        ("4790", "Burg-Reuland"),
    ),
    forms=_words("GmbH GmbH AG VoG Gen"),
)

FLAVOURS = {flavour.language: flavour for flavour in (DUTCH, FRENCH, GERMAN)}
LANGUAGES = ("nl",) * 57 + ("fr",) * 40 + ("de",) * 3
"""Language of an enterprise, by weight."""
